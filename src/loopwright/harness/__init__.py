"""Runs a function of the user's file, or its whole program, on generated inputs: for the checks and for the clock.

Start with ``subject.make_subject``, then ``harness.Harness``.
"""
