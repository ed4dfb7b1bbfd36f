// WHY: somebody has decided about this loop; a second directive would nest.
// FUNCTION: scale
// LOOP: i
// EXPECT: undecided LW217

void scale(int n, double *a)
{
#pragma omp parallel for
    for (int i = 0; i < n; i++)
        a[i] *= 2.0;
}
