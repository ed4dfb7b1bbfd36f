// WHY: the amount that is added depends on the sum so far.
// FUNCTION: grow
// LOOP: i
// EXPECT: refuted LW108 or refuted LW105
// LINES: 11 -> 11
// VARIABLE: capital

double grow(int n, const double *rate, double capital)
{
    for (int i = 0; i < n; i++)
        capital += capital * rate[i];
    return capital;
}
