int a[100];
int main(void) {
#pragma omp parallel
#pragma omp single
    {
#pragma omp taskloop grainsize(10)
        for (int i = 0; i < 100; i++)
            a[i] = i;
        a[0] = 1;
    }
    return 0;
}
