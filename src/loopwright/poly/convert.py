"""The way between isl text and isl objects, and isl's failures as exceptions of our own."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import lru_cache

import islpy as isl

from loopwright.core.assumption import MapText
from loopwright.core.codes import Code
from loopwright.errors import LoopwrightError

OPERATIONS_PER_SECOND = 600_000
"""About what isl does on one core of 2025; only the scale of the limit matters."""

_QUOTA = "maximal number of operations"


class PolyError(LoopwrightError):
    """isl could not do what was asked: text that it cannot read, an optimum without bound."""


class LimitError(PolyError):
    """The analysis took more steps or time than it was given."""


def _translate(error: isl.Error) -> PolyError:
    text = str(error)
    if _QUOTA in text:
        return LimitError(Code.ANALYSIS_LIMIT, "the dependence analysis took more steps than it may")
    return PolyError(Code.ANALYSIS_LIMIT, f"isl: {text.split(' in /')[0]}")


@contextmanager
def translated() -> Generator[None]:
    """Raise ``PolyError`` or ``LimitError`` in place of isl's own exception."""
    try:
        yield
    except isl.Error as error:
        raise _translate(error) from None


@contextmanager
def limited(seconds: float) -> Generator[None]:
    """Let isl do no more than about ``seconds`` of work inside; nests to no effect inside another limit.

    Raises:
        LimitError: The work was more.
        PolyError: isl failed otherwise.
    """
    context = isl.DEFAULT_CONTEXT
    if context.get_max_operations():
        with translated():
            yield
        return
    context.reset_operations()
    context.set_max_operations(max(1, int(seconds * OPERATIONS_PER_SECOND)))
    try:
        with translated():
            yield
    finally:
        context.set_max_operations(0)
        context.reset_operations()


class Deadline:
    """A point in time after which ``check`` raises; for loops over many cheap isl calls."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._end = clock() + seconds
        self.seconds = seconds

    def check(self) -> None:
        """Raise ``LimitError`` if the time is over."""
        if self._clock() > self._end:
            raise LimitError(Code.ANALYSIS_LIMIT, f"the analysis took longer than {self.seconds:g} s")


@lru_cache(maxsize=4096)
def to_set(text: str) -> isl.Set:
    """Return the set that ``text`` describes.

    Raises:
        PolyError: It is not isl's notation of a set.

    Example:
        >>> to_set("[n] -> { S0[i] : 0 <= i < n and n <= 0 }").is_empty()
        True
    """
    with translated():
        return isl.Set(text)


@lru_cache(maxsize=4096)
def to_map(text: str) -> isl.Map:
    """Return the map that ``text`` describes; raises PolyError if it is not isl's notation of one."""
    with translated():
        return isl.Map(text)


def to_map_text(pairs: isl.Map) -> MapText:
    """Return ``pairs`` in isl's notation."""
    return MapText(str(pairs))
