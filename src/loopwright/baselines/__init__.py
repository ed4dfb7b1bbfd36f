"""Kernel -> Entrant: what compilers, tuners, libraries and experts make of the same kernel, each as a plug-in."""
