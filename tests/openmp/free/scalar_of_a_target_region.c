int main(void) {
    int n = 100, a[100];
#pragma omp target map(from : a[0 : n])
#pragma omp parallel for
    for (int i = 0; i < n; i++)
        a[i] = i;
    return a[1];
}
