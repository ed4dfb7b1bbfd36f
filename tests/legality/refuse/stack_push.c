// WHY: where an element goes depends on how many were kept before.
// FUNCTION: keep
// LOOP: i
// EXPECT: undecided LW104 or undecided LW108 or undecided LW105 or undecided LW213 or undecided LW208 or undecided LW209

int keep(int n, const double *restrict a, double *restrict out)
{
    int count = 0;
    for (int i = 0; i < n; i++)
        if (a[i] > 0.0)
            out[count++] = a[i];
    return count;
}
