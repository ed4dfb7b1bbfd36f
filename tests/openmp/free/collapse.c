int a[20][20];
int main(void) {
    int i, j;
#pragma omp parallel for collapse(2)
    for (i = 0; i < 20; i++)
        for (j = 0; j < 20; j++)
            a[i][j] = i * j;
    return 0;
}
