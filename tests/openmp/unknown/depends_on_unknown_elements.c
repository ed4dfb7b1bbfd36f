// CODE LW225
int x, y;
void f(double *a, int *k) {
#pragma omp parallel
#pragma omp single
    {
#pragma omp task depend(out : a[k[0] * k[1]])
        x = 1;
#pragma omp task depend(in : a[k[1] % k[2]])
        y = x;
    }
}
