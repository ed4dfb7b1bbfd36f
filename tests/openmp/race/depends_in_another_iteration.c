int a[20], b[20], d[20];
int main(void) {
#pragma omp parallel
#pragma omp single
    for (int i = 1; i < 19; i++) {
#pragma omp task depend(out : d[i])
        a[i] = i; // FIRST a
#pragma omp task depend(in : d[i])
        b[i] = a[i - 1]; // SECOND
    }
    return b[3];
}
