// WHY: iterations 2k and 2k + 1 write the same element.
// FUNCTION: halve
// LOOP: i
// EXPECT: refuted LW103
// LINES: 11 -> 11
// VARIABLE: a

void halve(int n, int *restrict a, const int *restrict b)
{
    for (int i = 0; i < n; i++)
        a[i / 2] = b[i];
}
