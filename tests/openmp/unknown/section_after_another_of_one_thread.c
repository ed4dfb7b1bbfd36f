// CODE LW208
int a[4];
int main(void) {
#pragma omp parallel
    {
        int k = 0;
#pragma omp sections
        {
#pragma omp section
            k = 1;
#pragma omp section
            a[k] = 1;
#pragma omp section
            a[1] = 2;
        }
    }
    return a[1];
}
