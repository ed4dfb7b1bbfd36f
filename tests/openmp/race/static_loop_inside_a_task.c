// OpenMP forbids a shared loop in a task, but no compiler sees this one. Nothing says which thread runs which iteration.
int a[64], b[64];
static void fill(void) {
#pragma omp for schedule(static) nowait
    for (int i = 0; i < 64; i++)
        a[i] = i; // FIRST a
}
int main(void) {
#pragma omp parallel
    {
#pragma omp task
        fill();
#pragma omp taskwait
#pragma omp for schedule(static) nowait
        for (int i = 0; i < 64; i++)
            b[i] = a[i]; // SECOND
    }
    return b[0];
}
