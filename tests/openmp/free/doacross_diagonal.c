int a[20][20];
int main(void) {
#pragma omp parallel for ordered(2)
    for (int i = 1; i < 20; i++)
        for (int j = 0; j < 19; j++) {
#pragma omp ordered depend(sink : i - 1, j + 1)
            a[i][j] = a[i - 1][j + 1] + 1;
#pragma omp ordered depend(source)
        }
    return a[1][1];
}
