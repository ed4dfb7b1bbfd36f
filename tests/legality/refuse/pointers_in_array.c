// WHY: two entries may point to the same value.
// FUNCTION: assign
// LOOP: i
// EXPECT: undecided LW214 or undecided LW209

void assign(int n, double **where, const double *restrict a)
{
    for (int i = 0; i < n; i++)
        *where[i] = a[i];
}
