// WHY: y may be x, col or a part of them; how far x reaches depends on col, so no check can be written.
// FUNCTION: gather
// LOOP: i
// EXPECT: undecided LW302

void gather(int n, const int *col, const double *x, double *y)
{
    for (int i = 0; i < n; i++)
        y[i] = x[col[i]];
}
