// CODE LW225
int main(int argc, char **argv) {
    int x = 0;
    (void)argv;
#pragma omp parallel
#pragma omp single
    for (int i = 0; i < 9; i++) {
#pragma omp task shared(x)
        x += i;
        if (argc > 2) {
#pragma omp taskwait
        }
    }
    return x;
}
