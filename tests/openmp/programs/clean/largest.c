// VERDICT race-free
int largest(int n, const float *restrict x, float *restrict value) {
    int where = 0;
    float best = x[0];
#pragma omp parallel
    {
        int own_where = 0;
        float own = x[0];
#pragma omp for nowait
        for (int i = 1; i < n; i++)
            if (x[i] > own) {
                own = x[i];
                own_where = i;
            }
#pragma omp critical
        if (own > best) {
            best = own;
            where = own_where;
        }
    }
    *value = best;
    return where;
}
