int a[10][10];
int main(void) {
    int j;
#pragma omp parallel
#pragma omp single
#pragma omp taskloop shared(j)
    for (int i = 0; i < 10; i++)
        for (j = 0; j < 10; j++) // FIRST j
            a[i][j] = i;
    return 0;
}
