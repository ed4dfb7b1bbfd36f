// VERDICT race-free
int main(void) {
    static int a[100][100];
#pragma omp parallel for
    for (int i = 0; i < 100; i++)
        for (int j = 0; j < i; j++)
            a[i][j] = a[j][i];
    return a[0][0];
}
