// FUNCTION: total
// LOOP: i
// EXPECT: undecided LW302

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
