// WHY: 6i + 4j takes the value 12 at i = 2, j = 0 and at i = 0, j = 3.
// FUNCTION: comb
// LOOP: i
// EXPECT: refuted LW103
// LINES: 14 -> 14
// VARIABLE: a
// LOOP: j
// EXPECT: proved

void comb(int n, int *a)
{
    for (int i = 0; i < n; i++)
        for (int j = 0; j < 4; j++)
            a[6 * i + 4 * j] = i - j;
}
