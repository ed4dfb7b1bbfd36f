int a[100];
int main(void) {
#pragma omp parallel for
    for (int i = 0; i < 10; i++)
        for (int j = 0; j < 11; j++)
            a[8 * i + j] = i; // FIRST a
    return 0;
}
