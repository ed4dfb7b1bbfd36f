// WHY: a counter of eight bits wraps around at 256 and writes the same elements again.
// FUNCTION: fill
// LOOP: c
// EXPECT: undecided LW207

void fill(int n, const double *restrict b, double *restrict a)
{
    for (unsigned char c = 0; c != n; c++)
        a[c] = b[c];
}
