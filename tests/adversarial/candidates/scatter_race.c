// ORIGINAL: scatter
// STAGE: differential, races
// CODE: LW402, LW403
// Two iterations may update one element.
void f(int n, int bins, const int *index, double *h)
{
    for (int b = 0; b < bins; b++)
        h[b] = 0.0;
#pragma omp parallel for
    for (int i = 0; i < n; i++)
        h[index[i]] += 1.0;
}
