"""Which of OpenBLAS's kernels are the right ones for this processor.

OpenBLAS chooses by the processor's family and model and takes old kernels for those that it does not know: numpy's
build runs Haswell code on a processor with AVX-512, at half the speed. So the choice is made here, by what the
processor can do, and checked afterwards by what the library says.
"""

from __future__ import annotations

from pathlib import Path

_CPUINFO = Path("/proc/cpuinfo")
_AVX512 = frozenset({"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"})
_AVX2 = frozenset({"avx2", "fma"})

# Names under which the same generation of kernels goes in OpenBLAS, the one to ask for first.
_SKYLAKE = ("SkylakeX", "Cooperlake", "Sapphirerapids")
_HASWELL = ("Haswell", "Zen")


def openblas_cores(flags: frozenset[str]) -> tuple[str, ...]:
    """Return the core names that are good for a processor with ``flags``, the one to ask for first.

    Empty where nothing better is known than what OpenBLAS finds itself.

    >>> openblas_cores(frozenset({"avx2", "fma"}))
    ('Haswell', 'Zen')
    """
    if flags >= _AVX512:
        return _SKYLAKE
    return _HASWELL if flags >= _AVX2 else ()


def processor_flags(cpuinfo: Path = _CPUINFO) -> frozenset[str]:
    """Return what the first processor says that it can do; empty if it does not say (other than x86)."""
    try:
        for line in cpuinfo.read_text(errors="replace").splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "flags":
                return frozenset(value.split())
    except OSError:
        pass
    return frozenset()
