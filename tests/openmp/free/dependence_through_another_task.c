int main(void) {
    int x = 0, y = 0;
#pragma omp parallel
#pragma omp single
    {
#pragma omp task shared(x) depend(out : y)
        x = 1;
#pragma omp task depend(inout : y)
        y = 1;
#pragma omp task shared(x) depend(in : y)
        x = 2;
    }
    return x;
}
