// WHY: nothing is known of a function behind a pointer.
// FUNCTION: apply
// LOOP: i
// EXPECT: undecided LW204

void apply(int n, double (*f)(double), const double *restrict a, double *restrict b)
{
    for (int i = 0; i < n; i++)
        b[i] = f(a[i]);
}
