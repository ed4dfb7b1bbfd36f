// CODE LW225
int main(void) {
    int x = 0, y = 0, z = 0;
#pragma omp parallel
#pragma omp single
    {
#pragma omp task depend(out : x) shared(z)
        z = 1;
#pragma omp task depend(in : y) shared(z)
        z = 2;
#pragma omp task depend(in : x) depend(out : y)
        y = x;
    }
    return z;
}
