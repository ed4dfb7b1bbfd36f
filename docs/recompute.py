"""Forms a figure of the report again, from exported raw samples and nothing of loopwright: see bench-metrics.md.

python docs/recompute.py TABLES METHOD THREADS   prints the geometric mean speed-up of METHOD over all kernels
"""

import sys
from collections import Counter, defaultdict
from statistics import geometric_mean, median

import pyarrow.parquet as parquet

folder, method, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
rows = [row for row in parquet.read_table(f"{folder}/timings.parquet").to_pylist() if row["threads"] == threads]
seconds = defaultdict(list)
for row in parquet.read_table(f"{folder}/samples.parquet").to_pylist():
    seconds[row["key"], row["method"]] += [] if row["is_warmup"] else [row["seconds"]]
# The field of each kernel in which most methods were timed, then in it the median of the paired ratios; else 1.
timed = Counter((row["kernel"], row["key"]) for row in rows if row["samples"])
quoted = {kernel: key for (kernel, key), _ in sorted(timed.items(), key=lambda item: item[1])}
speedups = dict.fromkeys(quoted, 1.0)
for row in rows:
    if row["method"] == method and row["counts"] and row["key"] == quoted[row["kernel"]]:
        pairs = zip(seconds[row["key"], row["baseline"]], seconds[row["key"], method], strict=True)
        speedups[row["kernel"]] = median(base / mine for base, mine in pairs)
print(geometric_mean(speedups.values()))
