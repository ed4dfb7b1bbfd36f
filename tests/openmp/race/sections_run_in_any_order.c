int a[2];
int main(void) {
#pragma omp parallel
    {
        int x = 0;
#pragma omp sections
        {
#pragma omp section
            x = 1; // SECOND
#pragma omp section
            {
#pragma omp task shared(x)
                a[0] = x; // FIRST x
            }
        }
    }
    return a[0];
}
