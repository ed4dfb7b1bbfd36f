"""Numbers as people read them: speed-ups, shares, bytes, rates."""

from __future__ import annotations

import math

from loopwright.core.metrics import Rate
from loopwright.core.summary import Sizes


def speedup_text(value: float | None) -> str:
    """Return a speed-up in three figures.

    >>> speedup_text(12.345), speedup_text(0.0712), speedup_text(None)
    ('12.3x', '0.071x', '-')
    """
    return "-" if value is None else f"{_three_figures(value)}x"


def interval_text(low: float, high: float) -> str:
    """Return an interval of speed-ups; "" if it is not known.

    >>> interval_text(11.9, 12.61)
    '[11.9, 12.6]'
    """
    return f"[{_three_figures(low)}, {_three_figures(high)}]" if high > 0.0 else ""


def share_text(value: float | None) -> str:
    """Return a share as a percentage.

    >>> share_text(0.875), share_text(None)
    ('88%', '-')
    """
    if value is None:
        return "-"
    # Not quite all, and not quite nothing, must not be rounded to it.
    percent = min(max(round(100 * value), 1 if value > 0.0 else 0), 100 if value >= 1.0 else 99)
    return f"{percent}%"


def rate_text(rate: Rate) -> str:
    """Return the counts of a rate.

    >>> rate_text(Rate(3, 12, 5))
    '3 of 12, 5 judged'
    """
    judged = f", {rate.reached} judged" if rate.reached != rate.total else ""
    return f"{rate.passed} of {rate.total}{judged}" if rate.total else ""


def score_text(value: float | None) -> str:
    """Return a score between 0 and 1 with two decimals."""
    return "-" if value is None else f"{value:.2f}"


def bytes_text(value: int | float) -> str:
    """Return bytes in the binary unit that reads best; ``-`` for none.

    >>> bytes_text(1536 * 1024)
    '1.5 MiB'
    """
    if value <= 0:
        return "-"
    for unit in ("B", "KiB", "MiB", "GiB"):
        if value < 1024:
            return f"{value:.0f} {unit}" if value >= 10 or unit == "B" else f"{value:.1f} {unit}"
        value /= 1024
    return f"{value:.1f} TiB"


def rate_of(value: float | None, unit: str) -> str:
    """Return a rate in giga-units per second.

    >>> rate_of(2.5e9, "B/s")
    '2.50 GB/s'
    """
    return "-" if value is None else f"{_three_figures(value / 1e9)} G{unit}"


def sizes_text(sizes: Sizes) -> str:
    """Return the sizes of a field.

    >>> sizes_text((("m", 4), ("n", 3)))
    'm=4, n=3'
    """
    return ", ".join(f"{name}={value}" for name, value in sizes) or "-"


def short_number(value: int) -> str:
    """Return a size for an axis, in about three figures.

    >>> short_number(1048576), short_number(250000), short_number(1024)
    ('1.05M', '250k', '1024')
    """
    if value >= 1_000_000:
        return f"{value / 1e6:.3g}M" if value < 1e9 else f"{value / 1e9:.3g}G"
    return f"{value / 1e3:.3g}k" if value >= 10_000 else str(value)


def threads_text(threads: int) -> str:
    """Return ``1 thread`` or ``2 threads``."""
    return f"{threads} thread" + ("" if threads == 1 else "s")


def _three_figures(value: float) -> str:
    if value <= 0.0 or not math.isfinite(value):
        return f"{value:g}"
    decimals = 2 - math.floor(math.log10(value))
    return f"{value:.{min(max(decimals, 0), 3)}f}"
