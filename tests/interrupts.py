"""Ctrl-C for what tests start, also where the tests themselves were started with it ignored."""

from __future__ import annotations

import signal


def restore_interrupt() -> None:
    """Let processes that this one starts end by SIGINT, as programs do; this one goes on as it is.

    A shell starts what runs in its background with SIGINT ignored. That is inherited through any number of programs,
    so that a child which a test interrupts would go on till the test gives up.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # A handler, unlike an ignored signal, becomes the default in a program that is started.
        signal.signal(signal.SIGINT, lambda number, frame: None)
