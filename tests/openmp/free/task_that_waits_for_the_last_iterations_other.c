int a[20], b[20];
int main(void) {
#pragma omp parallel
#pragma omp single
    for (int i = 1; i < 19; i++) {
#pragma omp task depend(in : a[i - 1])
        b[i] = a[i - 1];
#pragma omp task depend(out : a[i])
        a[i] = i;
    }
    return b[0];
}
