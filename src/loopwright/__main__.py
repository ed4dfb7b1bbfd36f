"""``python -m loopwright`` is the same as the console script ``loopwright``."""

from __future__ import annotations

from loopwright.cli.entry import run

if __name__ == "__main__":
    run()
