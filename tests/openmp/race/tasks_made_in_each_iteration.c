int a[21];
int main(void) {
#pragma omp parallel
#pragma omp single
    for (int i = 0; i < 20; i++) {
#pragma omp task
        a[i] = i; // FIRST a
#pragma omp task
        a[i + 1] = i; // SECOND
    }
    return a[0];
}
