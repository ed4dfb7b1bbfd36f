// WHY: the helper keeps its temporary in a global; a clause on the loop would not reach it.
// FUNCTION: cube
// LOOP: i
// EXPECT: undecided LW204 or refuted LW103 or refuted LW102 or refuted LW101 or refuted LW106

static double scratch;

static double cubed(double x)
{
    scratch = x * x;
    return scratch * x;
}

void cube(int n, const double *restrict a, double *restrict b)
{
    for (int i = 0; i < n; i++)
        b[i] = cubed(a[i]);
}
