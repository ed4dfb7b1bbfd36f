// FUNCTION: total
// LOOP: i
// EXPECT: proved
// REDUCTIONS: sum:+

static void add(double *sum, double x)
{
    *sum += x;
}

double total(int n, const double *a)
{
    double sum = 0.0;
    for (int i = 0; i < n; i++)
        add(&sum, a[i]);
    return sum;
}
