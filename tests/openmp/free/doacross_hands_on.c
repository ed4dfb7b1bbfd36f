int a[101], b[101];
int main(void) {
#pragma omp parallel for ordered(1)
    for (int i = 3; i < 100; i++) {
#pragma omp ordered depend(sink : i - 1)
        a[i] = a[i - 3] + 1;
#pragma omp ordered depend(source)
        b[i] = i;
    }
    return a[99];
}
