int main(void) {
    int x = 0, y = 0;
#pragma omp parallel
#pragma omp single
    {
#pragma omp task shared(x, y)
        {
#pragma omp task shared(x)
            x = 1; // FIRST x
#pragma omp task depend(out : y)
            y = 1;
#pragma omp taskwait depend(in : y)
        }
#pragma omp taskwait
        x = 2; // SECOND
    }
    return x;
}
