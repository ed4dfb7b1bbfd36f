"""Library functions whose effects are known: those of their arguments alone, and those that touch memory."""

from __future__ import annotations

from enum import Enum

from loopwright.frontend.syntax import Call

# Functions of <math.h> that depend on their arguments alone. Those that set errno are counted in: a parallel
# loop sets the thread's own errno, and no loop that we parallelize reads it.
_MATH_NAMES = """
    acos acosh asin asinh atan atan2 atanh cbrt ceil copysign cos cosh erf erfc exp exp2 expm1 fabs fdim floor fma
    fmax fmin fmod hypot ilogb ldexp llrint llround log log10 log1p log2 logb lrint lround nearbyint nextafter pow
    remainder rint round scalbn sin sinh sqrt tan tanh tgamma trunc isnan isinf isfinite signbit
"""
_MATH = frozenset(_MATH_NAMES.split())
_INTEGER_PURE = frozenset({"abs", "labs", "llabs", "isdigit", "isalpha", "isspace", "toupper", "tolower"})
_BUILTIN_NAMES = """
    expect constant_p popcount popcountl popcountll clz clzl clzll ctz ctzl ctzll ffs bswap32 bswap64 huge_val inf
    nan huge_valf inff nanf isnan isinf isfinite fpclassify isinf_sign isnormal signbit assume_aligned unreachable
    abs labs llabs object_size
"""
_BUILTIN_PURE = frozenset(_BUILTIN_NAMES.split())
_CXX_PURE = frozenset({"std::min", "std::max", "std::abs"})
_CONTAINER_PURE = frozenset({"size", "data", "empty", "length"})


class MemoryUse(Enum):
    """What a library function does to memory that the program sees.

    ALLOCATE: It returns memory that nothing else refers to. RELEASE: It ends the life of the memory that its argument
    points to. READ: It reads what its pointer arguments point to, up to an end that is not known.
    """

    ALLOCATE = "allocate"
    RELEASE = "release"
    READ = "read"


# Calls from several threads do not race in the allocator (C11 7.22.3p2). Functions that read memory of any type
# (memcmp) are left out: they are used to read past a member into the next one.
_MEMORY_USES = {
    MemoryUse.ALLOCATE: "malloc calloc",
    MemoryUse.RELEASE: "free",
    MemoryUse.READ: "strlen strnlen strcmp strncmp strcasecmp strncasecmp atoi atol atoll atof",
}
_MEMORY_USE = {name: use for use, names in _MEMORY_USES.items() for name in names.split()}


def is_pure_library_call(call: Call) -> bool:
    """Return True if the call is to a known function that neither reads nor writes memory."""
    name = call.name
    if call.is_defined_by_user:
        return False
    if call.receiver is not None:
        return call.receiver.type.container is not None and name in _CONTAINER_PURE and not call.arguments
    if name.startswith("__builtin_"):
        rest = name.removeprefix("__builtin_")
        return rest in _BUILTIN_PURE or _is_math(rest)
    return _is_math(name) or name in _INTEGER_PURE or (name in _CXX_PURE and len(call.arguments) <= 2)


def memory_use(call: Call) -> MemoryUse | None:
    """Return what the call does to memory if it is to a known function of the C library that is not pure."""
    if call.is_defined_by_user or call.receiver is not None:
        return None
    return _MEMORY_USE.get(call.name.removeprefix("std::").removeprefix("__builtin_"))


def _is_math(name: str) -> bool:
    name = name.removeprefix("std::")
    return name in _MATH or (name[-1:] in ("f", "l") and name[:-1] in _MATH)
