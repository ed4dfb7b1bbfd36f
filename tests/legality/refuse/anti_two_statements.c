// WHY: the first statement reads b[i + 1], which the second one of the next iteration overwrites.
// FUNCTION: update
// LOOP: i
// EXPECT: refuted LW102
// LINES: 11 -> 12
// VARIABLE: b

void update(int n, double *restrict a, double *restrict b)
{
    for (int i = 0; i < n - 1; i++) {
        a[i] = b[i + 1];
        b[i] = 0.0;
    }
}
