"""Nest -> plans: the heuristic, and six ways to ask a language model. ``registry.find_strategy`` is the way in."""
