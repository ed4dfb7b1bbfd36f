#!/usr/bin/env bash
# The whole way once: optimize a serial program, apply the patch to a copy, build both, compare what they print.
set -euo pipefail
cd "$(dirname "$0")/.."

source=examples/heat2d.c
out=out/demo
rm -rf "$out"
mkdir -p "$out"

echo "== loopwright optimize $source"
.venv/bin/loopwright optimize "$source" --output "$out" --seed 0 --budget "${BUDGET:-60s}" || {
    status=$?
    if [ $status = 1 ]; then
        echo "demo: nothing was delivered on this machine; the reasons are above"
    fi
    exit $status
}

echo
echo "== patch -p1 < $out/heat2d.patch, in a copy"
mkdir -p "$out/tree/examples"
cp "$source" "$out/tree/$source"
patch --directory "$out/tree" -p1 <"$out/heat2d.patch"

echo
echo "== gcc -O2, and gcc -O2 -fopenmp for the patched copy"
gcc -O2 -o "$out/original" "$source" -lm
gcc -O2 -fopenmp -o "$out/patched" "$out/tree/$source" -lm

run() {
    local start end
    start=$(date +%s%N)
    "$1" >"$1.txt"
    end=$(date +%s%N)
    printf '%-22s %6d ms   %s\n' "$1" $(((end - start) / 1000000)) "$(tail -n 1 "$1.txt")"
}

run "$out/original"
run "$out/patched"

.venv/bin/python - "$out/heat2d.report.json" <<'PYTHON'
import json
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    report = json.load(file)
proved = [nest["id"] for nest in report["nests"] if nest["outcome"] == "delivered" and nest["label"] == "proved"]
print(f"\nproved and delivered: {', '.join(proved) or 'none'} (model {report['model']})")
sys.exit(0 if proved else 1)
PYTHON

if cmp --silent "$out/original.txt" "$out/patched.txt"; then
    echo "demo: PASS, both programs print the same"
else
    diff "$out/original.txt" "$out/patched.txt" || true
    echo "demo: FAIL, the programs differ"
    exit 1
fi
