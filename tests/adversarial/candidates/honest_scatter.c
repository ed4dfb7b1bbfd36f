// ORIGINAL: scatter
// STAGE: none
// CODE: none
// Atomic updates: accepted.
void f(int n, int bins, const int *index, double *h)
{
    for (int b = 0; b < bins; b++)
        h[b] = 0.0;
#pragma omp parallel for
    for (int i = 0; i < n; i++) {
#pragma omp atomic
        h[index[i]] += 1.0;
    }
}
