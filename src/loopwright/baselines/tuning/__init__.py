"""Programs made by tuners: a definition from the kernel's ``library.py``, compiled ahead in a process of its own.

Map: ``task`` (what a process is asked for, and what its folder holds afterwards), ``halide_build`` and ``tvm_build``
(those processes), ``halide_program`` and ``tvm_program`` (which load the result inside the harness), ``kept`` (results
of earlier runs).
"""
