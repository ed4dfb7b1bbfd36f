int a[64];
int main(void) {
#pragma omp parallel
#pragma omp single
    {
        int first = 8, *p = a, k = 0;
#pragma omp taskloop firstprivate(k)
        for (int i = 0; i < 8; i++) {
            k = i;
            p[first + k] = i;
        }
    }
    return a[9];
}
