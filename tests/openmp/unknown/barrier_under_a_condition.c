// CODE LW225
int main(int argc, char **argv) {
    int x = 0, y = 0;
    (void)argv;
#pragma omp parallel
    {
#pragma omp master
        x = 1;
        if (argc > 2) {
#pragma omp barrier
        }
#pragma omp critical
        y += x;
    }
    return y;
}
