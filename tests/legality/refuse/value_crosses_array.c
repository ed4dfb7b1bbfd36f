// WHY: the ring of the last four values is shared by neighbouring iterations.
// FUNCTION: smooth
// LOOP: i
// EXPECT: refuted LW101 or refuted LW105
// LINES: 12 -> 13
// VARIABLE: ring

void smooth(int n, const double *restrict a, double *restrict b)
{
    double ring[4] = {0.0, 0.0, 0.0, 0.0};
    for (int i = 0; i < n; i++) {
        ring[i % 4] = a[i];
        b[i] = a[i] - ring[(i + 1) % 4];
    }
}
