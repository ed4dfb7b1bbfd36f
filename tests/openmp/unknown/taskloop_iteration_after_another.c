// CODE LW208
int a[8];
int main(void) {
#pragma omp parallel
#pragma omp single
    {
        int k = 0;
#pragma omp taskloop firstprivate(k)
        for (int i = 0; i < 3; i++) {
            a[k + 2 * i] = 1;
            k = 2;
        }
    }
    return a[1];
}
