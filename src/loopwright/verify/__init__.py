"""Candidate -> Verdict: compilers, differential tests and sanitizers try to break it. ``check.verify`` is the entry."""
