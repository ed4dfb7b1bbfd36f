// FUNCTION: checksum
// LOOP: i
// EXPECT: proved
// REDUCTIONS: sum:^
// ASSUMES: none

unsigned checksum(int n, const unsigned *a)
{
    unsigned sum = 0;
    for (int i = 0; i < n; i++)
        sum ^= a[i] * 2654435761u;
    return sum;
}
