// FUNCTION: skip
// LOOP: i
// EXPECT: proved
// ASSUMES: none

void skip(int n, const double *restrict a, double *restrict b)
{
    for (int i = 0; i < n; i++) {
        if (a[i] == 0.0)
            continue;
        b[i] = 1.0 / a[i];
    }
}
