// VERDICT race
int largest(int n, const float *restrict x, float *restrict value) {
    int where = 0;
    float best = x[0];
#pragma omp parallel for
    for (int i = 1; i < n; i++)
        if (x[i] > best) {
            best = x[i];
            where = i;
        }
    *value = best;
    return where;
}
