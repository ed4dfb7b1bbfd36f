// FUNCTION: total
// FP: strict
// LOOP: i
// EXPECT: proved
// REDUCTIONS: sum:+
// ASSUMES: none

long total(int n, const int *a)
{
    long sum = 0;
    for (int i = 0; i < n; i++)
        sum = sum + a[i];
    return sum;
}
