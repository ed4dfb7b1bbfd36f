"""Forms a figure of the report again, from exported raw samples and nothing of loopwright: see bench-metrics.md.

python docs/recompute.py TABLES METHOD THREADS   prints the geometric mean speed-up of METHOD over all kernels

TABLES is a folder of one host's tables in Parquet: loopwright bench export STORE --to parquet -o TABLES
"""

import sys
from collections import Counter
from math import prod
from statistics import geometric_mean, median

import pyarrow.parquet as parquet

if len(sys.argv) != 4 or not sys.argv[3].isdigit():
    sys.exit(__doc__)
folder, method, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
names = ("timings", "samples", "works", "plans")
try:
    timings, samples, works, plans = (parquet.read_table(f"{folder}/{name}.parquet").to_pylist() for name in names)
except OSError as error:
    sys.exit(f"cannot read the tables: {error}")
if len({row["host"] for row in (*timings, *plans)}) != 1:
    sys.exit("the tables must be of one host: figures of several are never mixed")
# Of two results of the same evaluation the later one.
latest = {(row["kernel"], row["sizes"], row["threads"], row["method"]): row for row in timings}
work = {(row["kernel"], row["sizes"]): row["flops"] or row["compulsory_bytes"] for row in works}
timed = Counter((kernel, sizes, number) for (kernel, sizes, number, _), row in latest.items() if row["samples"])
# Quoted of each kernel: the sizes at which, with all threads, most methods were timed; of such, those with more work.
quoted = {}
for (kernel, sizes, number), count in timed.items():
    values = [(name, int(value)) for name, value in (item.split("=") for item in sizes.split())]
    extent = work.get((kernel, sizes)) or prod(value for _, value in values)
    rank = (number == max(key[2] for key in timed), count, extent, values, sizes)
    quoted[kernel] = max(quoted.get(kernel, rank), rank)
cells = {kernel: latest.get((kernel, rank[-1], threads, method)) for kernel, rank in quoted.items()}
counting = {kernel: row for kernel, row in cells.items() if row and row["counts"] and row["baseline"]}
if not counting and method not in {row["method"] for row in plans}:
    known = sorted({who for _, _, number, who in latest if number == threads})
    sys.exit(f"{method} has no speed-up with {threads} threads; these were asked for: {', '.join(known) or 'none'}")
seconds = {}
for row in samples:
    seconds.setdefault((row["key"], row["method"]), []).extend([] if row["is_warmup"] else [row["seconds"]])
# The median of the paired ratios; a kernel without one is 1. A method that rests has its samples in the first rounds.
speedups = dict.fromkeys((row["kernel"] for row in (*timings, *plans)), 1.0)
for kernel, row in counting.items():
    pairs = zip(seconds[row["key"], row["baseline"]], seconds[row["key"], method], strict=False)
    speedups[kernel] = median(base / mine for base, mine in pairs)
print(geometric_mean(speedups.values()))
