// CODE LW225
int main(int argc, char **argv) {
    int x = 0, y = 0, z = 0;
    (void)argv;
#pragma omp parallel
#pragma omp single
    {
#pragma omp task depend(out : x) shared(z)
        z = 1;
        if (argc > 2) {
#pragma omp task depend(in : x) depend(out : y)
            y = x;
        }
#pragma omp task depend(in : y) shared(z)
        z = 2;
    }
    return z;
}
