int a[100];
int main(void) {
#pragma omp target map(tofrom : a)
#pragma omp parallel for
    for (int i = 0; i < 99; i++)
        a[i] = a[i + 1]; // FIRST a
    return 0;
}
