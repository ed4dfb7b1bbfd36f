int y[64];
int main(void) {
    int x = 0;
#pragma omp parallel
#pragma omp single
    {
#pragma omp task shared(x)
        x = 1; // FIRST x
#pragma omp parallel num_threads(2) shared(x)
        {
#pragma omp barrier
#pragma omp master
            y[0] = x; // SECOND
        }
    }
    return y[0];
}
