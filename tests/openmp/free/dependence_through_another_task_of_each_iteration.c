int a[20], b[20], d, e;
int main(void) {
#pragma omp parallel
#pragma omp single
    for (int i = 1; i < 19; i++) {
#pragma omp task depend(out : d)
        a[i] = i;
#pragma omp task depend(in : d) depend(out : e)
        ;
#pragma omp task depend(in : e)
        b[i] = a[i - 1];
    }
    return b[3];
}
