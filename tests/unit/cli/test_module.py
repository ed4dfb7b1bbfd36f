"""The package runs as a module where its script is not on the PATH."""

from __future__ import annotations

import runpy
import sys

import pytest

from loopwright.version import __version__


def test_the_package_is_the_command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["loopwright", "--version"])
    with pytest.raises(SystemExit) as left:
        runpy.run_module("loopwright", run_name="__main__")
    assert left.value.code == 0
    assert capsys.readouterr().out == f"loopwright {__version__}\n"
