// WHY: each iteration adds to its own element and to the next one's.
// FUNCTION: spread
// LOOP: i
// EXPECT: refuted LW101 or refuted LW102 or refuted LW103
// VARIABLE: a

void spread(int n, double *restrict a, const double *restrict b)
{
    for (int i = 0; i < n - 1; i++) {
        a[i] += 0.5 * b[i];
        a[i + 1] += 0.5 * b[i];
    }
}
