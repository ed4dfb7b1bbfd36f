int main(void) {
    int x = 0;
#pragma omp parallel
#pragma omp single
    {
#pragma omp task
        x = 1; // FIRST x
#pragma omp task
        x += 2; // SECOND
    }
    return x;
}
