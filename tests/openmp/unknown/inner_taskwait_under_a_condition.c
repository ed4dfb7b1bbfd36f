// CODE LW225
int main(int argc, char **argv) {
    int x = 0;
    (void)argv;
#pragma omp parallel
#pragma omp single
    {
#pragma omp task shared(x)
        {
#pragma omp task shared(x)
            x = 1;
            if (argc > 2) {
#pragma omp taskwait
            }
        }
#pragma omp taskwait
        x = 2;
    }
    return x;
}
