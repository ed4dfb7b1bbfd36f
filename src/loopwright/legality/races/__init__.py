"""The race rules: which touches of a region may run side by side, and which of them meet.

``decide`` is the entry; ``order`` says which instances may run side by side, ``conflict`` which of those meet.
"""
