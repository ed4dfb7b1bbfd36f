int a[10][10];
int main(void) {
#pragma omp parallel for
    for (int i = 1; i < 10; i++)
        for (int j = 0; j < 10; j++)
            a[i][j] = a[i][j - 1]; // FIRST a
    return 0;
}
