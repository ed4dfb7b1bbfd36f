"""From C and C++ text to loop nests; start at ``extract.extract``."""
