// WHY: the sum is cut to an integer after each addition: 0.5 + 0.5 counts as 0 + 0.
// FUNCTION: total
// LOOP: i
// EXPECT: refuted LW108 or refuted LW105
// LINES: 12 -> 12
// VARIABLE: sum

int total(int n, const double *a)
{
    int sum = 0;
    for (int i = 0; i < n; i++)
        sum += a[i];
    return sum;
}
