"""Sets and maps of integer points: the only package that imports isl."""
