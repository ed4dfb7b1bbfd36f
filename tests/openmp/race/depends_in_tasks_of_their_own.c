int main(void) {
    int x = 0;
#pragma omp parallel
#pragma omp single
    {
#pragma omp task shared(x)
        {
#pragma omp task depend(out : x)
            x = 1; // FIRST x
        }
#pragma omp task shared(x)
        {
#pragma omp task depend(out : x)
            x = 2; // SECOND
        }
    }
    return x;
}
