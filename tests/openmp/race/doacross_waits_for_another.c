int a[100];
int main(void) {
#pragma omp parallel for ordered(1)
    for (int i = 2; i < 100; i++) {
#pragma omp ordered depend(sink : i - 2)
        a[i] = a[i - 1] + 1; // FIRST a
#pragma omp ordered depend(source)
    }
    return a[99];
}
