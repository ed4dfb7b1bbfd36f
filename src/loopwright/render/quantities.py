"""Numbers as people read them: speed-ups, shares, bytes, rates."""

from __future__ import annotations

import math

from loopwright.core.campaign import Timing
from loopwright.core.counted import counted
from loopwright.core.measurement import Bounds
from loopwright.core.metrics import Rate
from loopwright.core.summary import Sizes


def speedup_text(value: float | None) -> str:
    """Return a speed-up in three figures.

    >>> speedup_text(12.345), speedup_text(0.0712), speedup_text(None)
    ('12.3x', '0.071x', '-')
    """
    return "-" if value is None else f"{_three_figures(value)}x"


def interval_text(interval: Bounds | None) -> str:
    """Return an interval of speed-ups; "" if there is none.

    >>> interval_text((11.9, 12.61))
    '[11.9, 12.6]'
    """
    return f"[{_three_figures(interval[0])}, {_three_figures(interval[1])}]" if interval is not None else ""


def spread_text(timing: Timing) -> str:
    """Return the interval of a speed-up, or of how few samples it is if there is none; "" if there is no speed-up."""
    if timing.series is None or timing.median <= 0.0:
        return ""
    return interval_text(timing.interval) or f"of {counted(len(timing.series.samples_s), 'sample')}, no interval"


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
    """Return the counts of a rate and, if not all were judged, the share of those that were.

    >>> rate_text(Rate(3, 12, 5)), rate_text(Rate(3, 12, 12)), rate_text(Rate(0, 12, 0))
    ('3 of 12; 60% of 5 judged', '3 of 12', '0 of 12 judged')
    """
    if not rate.total:
        return ""
    if not rate.reached:
        return f"0 of {rate.total} judged"
    judged = f"; {share_text(rate.share_of_judged)} of {rate.reached} judged" if rate.reached != rate.total else ""
    return f"{rate.passed} of {rate.total}{judged}"


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


def traffic_text(value: int | None) -> str:
    """Return bytes in a decimal unit, for beside rates in GB/s.

    >>> traffic_text(1_500_000), traffic_text(72_000_000_000), traffic_text(None)
    ('1.50 MB', '72.0 GB', '-')
    """
    if not value:
        return "-"
    unit, scale = next((pair for pair in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)) if value >= pair[1]), ("B", 1.0))
    return f"{_three_figures(value / scale)} {unit}" if unit != "B" else f"{value} B"


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
