int a[64], b[64];
int main(void) {
#pragma omp parallel
    for (int step = 0; step < 10; step++) {
#pragma omp for
        for (int i = 1; i < 63; i++)
            b[i] = a[i - 1] + a[i + 1];
#pragma omp for
        for (int i = 1; i < 63; i++)
            a[i] = b[i];
    }
    return 0;
}
