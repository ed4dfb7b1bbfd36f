"""Reports -> text, JSON and patches.

``text`` is for people, ``json_report`` for programs, ``diff`` for ``patch`` and ``git apply``.
"""
