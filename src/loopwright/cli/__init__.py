"""The command line: parse, call the pipeline, render. ``main.run`` is the console script."""
