int a[20], d[20], s;
int main(void) {
#pragma omp parallel
#pragma omp single
    for (int i = 1; i < 19; i++) {
#pragma omp taskwait depend(in : d[i])
        s += a[i - 1]; // SECOND
#pragma omp task depend(out : d[i])
        a[i] = i; // FIRST a
    }
    return s;
}
