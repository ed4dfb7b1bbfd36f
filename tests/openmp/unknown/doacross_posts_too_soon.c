// CODE LW225
int a[100];
int main(void) {
#pragma omp parallel for ordered(1)
    for (int i = 1; i < 100; i++) {
#pragma omp ordered depend(sink : i - 1)
#pragma omp ordered depend(source)
        a[i] = a[i - 1] + 1;
    }
    return a[99];
}
