// CODE LW225
int a[100];
int main(void) {
#pragma omp parallel for ordered(1)
    for (int i = 5; i < 100; i++) {
#pragma omp ordered depend(sink : i - 2) depend(sink : i - 3)
        a[i] = a[i - 5] + 1;
#pragma omp ordered depend(source)
    }
    return a[99];
}
