"""LoopNest and Plan -> Legality: proved, refuted with a witness, or undecided.

Start with ``analyze.analyze_nest`` (every loop of a nest) and ``check.check_plan`` (one plan). The rules are in
``rules``, one file per step; ``overlap`` says which variables may share memory.
"""
