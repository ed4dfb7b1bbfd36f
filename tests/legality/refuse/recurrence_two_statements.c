// WHY: b[i] is written by the second statement and read by the first one of the next iteration.
// FUNCTION: chain
// LOOP: i
// EXPECT: refuted LW101
// LINES: 12 -> 11
// VARIABLE: b

void chain(int n, double *restrict a, double *restrict b)
{
    for (int i = 1; i < n; i++) {
        a[i] = b[i - 1] * 2.0;
        b[i] = a[i] + 1.0;
    }
}
