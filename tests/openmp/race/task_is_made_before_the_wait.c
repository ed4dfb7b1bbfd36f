int main(void) {
    int x = 0, y = 0;
#pragma omp parallel
#pragma omp single
    {
#pragma omp task shared(x, y)
        {
#pragma omp taskwait
            x = 1; // FIRST x
        }
        x = 2; // SECOND
        y = x;
    }
    return y;
}
