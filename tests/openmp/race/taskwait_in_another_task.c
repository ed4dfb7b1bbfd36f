int main(void) {
    int x = 0;
#pragma omp parallel
#pragma omp single
    {
#pragma omp task shared(x)
        x = 1; // FIRST x
#pragma omp task
        {
#pragma omp taskwait
        }
        x = 2; // SECOND
    }
    return x;
}
