int a[8];
int main(void) {
#pragma omp parallel
#pragma omp single
    {
        int *p = a;
#pragma omp taskloop
        for (int i = 0; i < 8; i++)
            p[0] = i; // FIRST p
    }
    return a[0];
}
