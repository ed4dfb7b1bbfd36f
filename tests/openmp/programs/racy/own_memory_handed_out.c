// VERDICT race
static int work[100];
#pragma omp threadprivate(work)

void spread(int n) {
    int *first = work;
#pragma omp parallel for
    for (int i = 0; i < n; i++)
        first[i % 100] += i;
}
