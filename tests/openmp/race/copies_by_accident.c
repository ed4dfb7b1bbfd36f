int a[100];
int main(void) {
    int *p = a;
#pragma omp parallel for firstprivate(p)
    for (int i = 0; i < 99; i++)
        p[i] = p[i + 1]; // FIRST p
    return 0;
}
