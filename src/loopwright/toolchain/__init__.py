"""The outside world: processes, compilers, sanitizers, the machine."""
