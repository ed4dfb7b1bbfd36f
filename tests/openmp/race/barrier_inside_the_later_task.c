// OpenMP forbids a barrier in a task, but no compiler sees this one. It orders nothing.
int x;
static void later(void) {
#pragma omp barrier
    x = 2; // SECOND
}
int main(void) {
#pragma omp parallel
#pragma omp single
    {
#pragma omp task
        x = 1; // FIRST x
#pragma omp task
        later();
    }
    return x;
}
