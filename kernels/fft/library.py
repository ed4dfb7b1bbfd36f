"""The Fourier transform through libraries. They need no work space: wre and wim are left as they are."""

from __future__ import annotations

import ctypes
from typing import Any

_MEASURE = 0  # FFTW_MEASURE of fftw3.h
_WISDOM = "wisdom"


def _has_effect(n: int) -> bool:
    return n >= 2 and n & (n - 1) == 0


class _Dimension(ctypes.Structure):
    """fftw_iodim: length and strides of one dimension."""

    _fields_ = (("n", ctypes.c_int), ("is", ctypes.c_int), ("os", ctypes.c_int))


def fftw(call: Any) -> None:
    """FFTW on the two arrays as they are, in place; planned by measuring, and what that found kept for later runs."""
    n = call.integer("n")
    if not _has_effect(n):
        return
    re, im = call.address("re"), call.address("im")
    # A plan holds for arrays that lie as far apart, at equal alignment, which the harness gives.
    execute, plan = call.kept((n, im - re), lambda: _plan(call, n))
    execute(plan, re, im, re, im)


def _plan(call: Any, n: int) -> tuple[Any, ctypes.c_void_p]:
    library = ctypes.CDLL("libfftw3.so.3", mode=ctypes.RTLD_GLOBAL)
    threads = ctypes.CDLL("libfftw3_threads.so.3")
    threads.fftw_init_threads()
    threads.fftw_plan_with_nthreads(call.threads)
    wisdom = str(call.folder / f"{_WISDOM}-{call.threads}").encode()
    library.fftw_import_wisdom_from_filename(wisdom)
    make, execute = library.fftw_plan_guru_split_dft, library.fftw_execute_split_dft
    make.restype, execute.restype = ctypes.c_void_p, None
    execute.argtypes = [ctypes.c_void_p] * 5
    make.argtypes = [
        *(ctypes.c_int, ctypes.POINTER(_Dimension), ctypes.c_int, ctypes.c_void_p),
        *([ctypes.c_void_p] * 4),
        ctypes.c_uint,
    ]
    # To measure overwrites the arrays.
    arrays = [call.array(name, (n,)) for name in ("re", "im")]
    before = [array.copy() for array in arrays]
    places = [array.ctypes.data for array in arrays]
    plan = make(1, ctypes.byref(_Dimension(n, 1, 1)), 0, None, *places, *places, _MEASURE)
    for array, values in zip(arrays, before, strict=True):
        array[:] = values
    if not plan:
        raise RuntimeError("FFTW has no plan")
    library.fftw_export_wisdom_to_filename(wisdom)
    return execute, ctypes.c_void_p(plan)


def scipy(call: Any) -> None:
    """pocketfft, one thread per transform; the two arrays have to be joined and parted again."""
    import scipy.fft

    n = call.integer("n")
    if not _has_effect(n):
        return
    re, im = call.array("re", (n,)), call.array("im", (n,))
    joined = call.scratch("joined", (n,), "complex128")
    joined.real, joined.imag = re, im
    result = scipy.fft.fft(joined, overwrite_x=True, workers=call.threads)
    re[:], im[:] = result.real, result.imag


def torch(call: Any) -> None:
    """torch.fft: oneMKL on x86."""
    import torch

    n = call.integer("n")
    if not _has_effect(n):
        return
    re, im = torch.from_numpy(call.array("re", (n,))), torch.from_numpy(call.array("im", (n,)))
    with torch.inference_mode():
        result = torch.fft.fft(torch.complex(re, im))
        re.copy_(result.real)
        im.copy_(result.imag)
