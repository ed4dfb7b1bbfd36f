int a[100];
int main(void) {
#pragma omp parallel
#pragma omp single
    {
#pragma omp taskloop nogroup
        for (int i = 0; i < 100; i++)
            a[i] = i; // FIRST a
        a[0] = 1; // SECOND
    }
    return 0;
}
