"""``analyze`` over many files: found (``files``), analysed in child processes (``crew``, ``worker``), kept (``kept``).

Start with ``survey.analyze_files``.
"""
