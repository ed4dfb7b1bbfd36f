int main(void) {
    int x = 0;
#pragma omp parallel
#pragma omp single
    {
#pragma omp task shared(x)
        {
#pragma omp task shared(x)
            x = 1;
#pragma omp taskwait
        }
#pragma omp taskwait
        x = 2;
    }
    return x;
}
