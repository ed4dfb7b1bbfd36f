// WHY: nothing is known of the function.
// FUNCTION: apply
// LOOP: i
// EXPECT: undecided LW204

double transform(double);

void apply(int n, const double *restrict a, double *restrict b)
{
    for (int i = 0; i < n; i++)
        b[i] = transform(a[i]);
}
