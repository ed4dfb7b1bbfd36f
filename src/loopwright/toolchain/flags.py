"""Flags of a compiler that make it run or load something, or write more than its output.

A compile_commands.json brings flags that nobody here has typed.
"""

from __future__ import annotations

# The word behind them goes with them.
_WITH_VALUE = frozenset(
    {
        *("-wrapper", "-aux-info", "-B", "-specs", "--specs", "--config", "--prefix"),
        *("-Xclang", "-Xlinker", "-Xpreprocessor", "-Xassembler", "-mllvm", "-load"),
    }
)
# ``-Wp,`` hands the compiler proper what the driver would refuse; ``-Wa,`` may name a file of flags.
_PREFIXES = (
    *("-fplugin", "-fpass-plugin", "-iplugindir", "-B", "-specs", "--specs", "--config", "--prefix", "-ccc-"),
    *("--ld-path", "-Wp,", "-Wa,", "-fdump-", "-save-temps", "--save-temps", "@"),
)


def harmless(flags: tuple[str, ...]) -> tuple[str, ...]:
    """Return ``flags`` without plug-ins, wrappers, files of flags, chosen tools, and further outputs.

    Example:
        >>> harmless(("-O2", "-fplugin=./x.so", "-wrapper", "./x", "-Wl,-plugin,./x.so", "-DN=1"))
        ('-O2', '-DN=1')
    """
    found: list[str] = []
    words = iter(flags)
    for word in words:
        if word in _WITH_VALUE:
            next(words, None)
        elif not word.startswith(_PREFIXES) and not _chooses_linker(word):
            found.append(word)
    return tuple(found)


def _chooses_linker(word: str) -> bool:
    if word.startswith("-Wl,"):
        return "plugin" in word or ",@" in word
    return word.startswith("-fuse-ld=") and "/" in word
