int a[8];
int main(void) {
    int k = 0;
#pragma omp parallel
#pragma omp single
    for (int i = 0; i < 8; i++) {
        k = i;
#pragma omp task default(firstprivate) shared(a)
        a[i] = k;
    }
    return a[0];
}
