// WHY: the helper adds to a global; a clause on the loop would not reach the reference inside the helper.
// FUNCTION: sum
// LOOP: i
// EXPECT: undecided LW204 or refuted LW104 or refuted LW101 or refuted LW105

static double total;

static void add(double x)
{
    total += x;
}

double sum(int n, const double *a)
{
    total = 0.0;
    for (int i = 0; i < n; i++)
        add(a[i]);
    return total;
}
