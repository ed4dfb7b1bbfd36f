// CODE LW225
int a[100], b[100];
int main(void) {
#pragma omp parallel for ordered(1)
    for (int i = 2; i < 100; i++) {
        a[i] = i;
#pragma omp ordered depend(source)
#pragma omp ordered depend(sink : i - 1)
        b[i] = a[i - 2];
    }
    return b[9];
}
