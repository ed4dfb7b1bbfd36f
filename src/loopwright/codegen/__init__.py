"""Legal plan -> C: edits of the user's file. Start with ``generate``."""
