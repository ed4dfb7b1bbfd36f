// WHY: the static variable carries a value from iteration to iteration, and from call to call.
// FUNCTION: difference
// LOOP: i
// EXPECT: refuted LW105 or refuted LW101
// LINES: 13 -> 12
// VARIABLE: previous

void difference(int n, const double *restrict a, double *restrict b)
{
    static double previous = 0.0;
    for (int i = 0; i < n; i++) {
        b[i] = a[i] - previous;
        previous = a[i];
    }
}
