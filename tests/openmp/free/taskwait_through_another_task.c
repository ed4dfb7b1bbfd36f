int main(int argc, char **argv) {
    int x = 0, y = 0;
    (void)argv;
#pragma omp parallel
#pragma omp single
    {
#pragma omp task depend(out : x)
        x = 1;
#pragma omp task depend(in : x) depend(out : y)
        y = x;
#pragma omp taskwait depend(in : y)
        x = argc;
    }
    return x + y;
}
