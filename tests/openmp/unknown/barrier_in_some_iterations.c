// CODE LW225
int a[9];
int main(int argc, char **argv) {
    int sum = 0;
    (void)argv;
#pragma omp parallel reduction(+ : sum)
    for (int step = 0; step < 8; step++) {
#pragma omp master
        a[step + 1] = step;
        sum += a[step];
        if (argc > 2) {
#pragma omp barrier
        }
    }
    return sum;
}
