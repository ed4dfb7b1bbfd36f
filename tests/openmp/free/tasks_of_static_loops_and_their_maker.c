int a[64], b[64];
int main(void) {
#pragma omp parallel
    {
#pragma omp for schedule(static) nowait
        for (int i = 0; i < 64; i++) {
#pragma omp task
            a[i] = i;
        }
#pragma omp taskwait
#pragma omp for schedule(static) nowait
        for (int i = 0; i < 64; i++)
            b[i] = a[i];
    }
    return b[0];
}
