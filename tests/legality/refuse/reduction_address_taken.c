// WHY: the sum so far is read through a second name.
// FUNCTION: watch
// LOOP: i
// EXPECT: refuted LW104 or refuted LW101 or undecided LW302 or undecided LW212

double watch(int n, const double *restrict a, double *restrict b)
{
    double sum = 0.0;
    const double *p = &sum;
    for (int i = 0; i < n; i++) {
        sum += a[i];
        b[i] = *p;
    }
    return sum;
}
