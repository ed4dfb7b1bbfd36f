// WHY: all iterations write the one value that p points to; the last one must win.
// FUNCTION: store
// LOOP: i
// EXPECT: refuted LW103 or refuted LW106
// LINES: 12 -> 12

double total;

void store(int n, double *p, const double *a, double *out)
{
    for (int i = 0; i < n; i++) {
        *p = a[i];
        out[i] = total;
    }
}
