int a[8];
int main(void) {
#pragma omp parallel num_threads(2)
#pragma omp for collapse(2)
    for (int i = 0; i < 1; i++)
        for (int j = 0; j < 8; j++)
            a[j / 2] = j; // FIRST a
    return a[0];
}
