from __future__ import annotations

from loopwright.core.verdict import Finding, Outcome, Stage, Verdict
from loopwright.verify.check import _required  # pyright: ignore[reportPrivateUsage]
from loopwright.verify.ladder import Evidence, first_line


def verdict(needs_conflicts: bool, **outcomes: Outcome) -> Verdict:
    findings = tuple(Finding(Stage(name), outcome, "", None) for name, outcome in outcomes.items())
    return Verdict(findings, _required(findings, Evidence(needs_conflicts=needs_conflicts)))


PASS, SKIPPED, FAIL = Outcome.PASS, Outcome.SKIPPED, Outcome.FAIL


def test_a_proof_needs_what_is_installed() -> None:
    skips = verdict(
        False, compile=PASS, differential=PASS, races=SKIPPED, addresses=PASS, uninitialised=SKIPPED, conflicts=SKIPPED
    )
    assert skips.accepted


def test_a_waiver_needs_races_and_conflicts_whatever_is_installed() -> None:
    everything = {"compile": PASS, "differential": PASS, "races": PASS, "addresses": PASS, "conflicts": PASS}
    assert verdict(True, **everything).accepted
    assert not verdict(True, **{**everything, "races": SKIPPED}).accepted
    assert not verdict(True, **{**everything, "conflicts": SKIPPED}).accepted
    assert not verdict(True, **{name: value for name, value in everything.items() if name != "conflicts"}).accepted


def test_results_are_always_needed() -> None:
    assert not verdict(False, compile=PASS, differential=SKIPPED).accepted
    assert not verdict(False, compile=PASS).accepted
    assert not verdict(False, compile=PASS, differential=FAIL).accepted


def test_the_line_that_says_error_is_the_one_shown() -> None:
    output = "In file included from harness.c:1:\nk.c:3:1: error: expected ';'\n"
    assert first_line(output) == "k.c:3:1: error: expected ';'"
