"""OpenMP code that somebody else wrote: directives, and what the threads and tasks that they make touch.

``pragmas`` finds the directives in the text and ``clauses`` reads them; ``lowering`` puts them into the syntax tree.
``walk`` is the entry of the symbolic run that turns the tree into ``core.concurrency`` values.
"""
