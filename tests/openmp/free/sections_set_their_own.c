int a[4];
int main(void) {
#pragma omp parallel
    {
        int k = 0, m = 3;
#pragma omp sections
        {
#pragma omp section
            {
                k = 1;
                a[k] = 1;
            }
#pragma omp section
            {
                k = 2;
                a[k] = 2;
            }
#pragma omp section
            a[m] = 3;
        }
    }
    return a[1];
}
