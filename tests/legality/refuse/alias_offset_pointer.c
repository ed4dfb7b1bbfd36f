// WHY: p[i] is a[i + 1], which the next iteration reads.
// FUNCTION: offset
// LOOP: i
// EXPECT: refuted LW101 or undecided LW302 or undecided LW212

void offset(int n, double *a)
{
    double *p = a + 1;
    for (int i = 0; i < n - 1; i++)
        p[i] = a[i] * 0.5;
}
