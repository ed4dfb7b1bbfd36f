// WHY: with fewer slots than iterations two of them write the same slot, and slots is not known.
// FUNCTION: ring
// LOOP: i
// EXPECT: undecided LW208

void ring(int n, int slots, int *restrict a, const int *restrict b)
{
    for (int i = 0; i < n; i++)
        a[i % slots] = b[i];
}
