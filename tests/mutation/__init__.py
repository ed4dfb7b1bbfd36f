"""Deliberate faults in the rules, guards and checks, each with the tests that must go red for it.

``catalogue.MUTANTS`` are the faults, ``runner`` puts each into a copy of the source and runs its tests there. Run it
with ``make mutants``; see ``__main__``.
"""
