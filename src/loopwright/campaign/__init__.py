"""Models x strategies x kernels x baselines: runs them, keeps every result, and compares."""
