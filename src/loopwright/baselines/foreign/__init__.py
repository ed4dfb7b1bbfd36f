"""Runs a kernel through a Python library inside the harness: an embedded interpreter behind the kernel's own signature.

Map: ``interpreter.find_interpreter`` (what can be embedded), ``shim.build_guest`` (the harness around a function whose
body is one call into Python), ``guest`` (what runs inside the process), ``probe`` (what it says of itself).
"""
