// WHY: iterations 16 apart write the same element of the ring.
// FUNCTION: ring
// LOOP: i
// EXPECT: refuted LW103
// LINES: 11 -> 11
// VARIABLE: a

void ring(int n, int *restrict a, const int *restrict b)
{
    for (int i = 0; i < n; i++)
        a[i % 16] = b[i];
}
