// FUNCTION: copy
// LOOP: i
// EXPECT: proved or undecided LW302
// REDUCTIONS: total:+
// ASSUMES: no-alias, reassociation

double total;

void copy(int n, const double *restrict a, double *out)
{
    for (int i = 0; i < n; i++) {
        total += a[i];
        out[i] = a[i];
    }
}
