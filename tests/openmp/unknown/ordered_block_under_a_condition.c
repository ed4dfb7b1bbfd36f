// CODE LW225
int a[101];
int main(int argc, char **argv) {
    int done = 0;
    (void)argv;
#pragma omp parallel for ordered
    for (int i = 0; i < 100; i++) {
        if (argc > 2)
            a[i + 1] = i;
        if (argc > 2) {
#pragma omp ordered
            done = i;
        }
        if (argc > 2)
            a[i] += 1;
    }
    return done;
}
