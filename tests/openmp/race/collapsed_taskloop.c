int a[8];
int main(void) {
#pragma omp parallel
#pragma omp single
#pragma omp taskloop collapse(2)
    for (int i = 0; i < 8; i++)
        for (int j = 0; j < 8; j++)
            a[j] = i; // FIRST a
    return a[0];
}
