// WHY: the sum is stored on the way, in an array.
// FUNCTION: trace
// LOOP: i
// EXPECT: refuted LW101 or refuted LW104
// VARIABLE: sum

void trace(int n, const double *restrict a, double *restrict sum, double *restrict history)
{
    for (int i = 0; i < n; i++) {
        sum[0] += a[i];
        history[i] = sum[0];
    }
}
