int main(void) {
    int x = 0;
#pragma omp parallel
#pragma omp single
    for (int i = 0; i < 9; i++) {
#pragma omp task shared(x)
        x += i;
#pragma omp taskwait
    }
    return x;
}
