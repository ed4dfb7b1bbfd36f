"""Candidate -> Measurement: is it faster than the best serial build, and how sure is that."""
