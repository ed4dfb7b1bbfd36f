// CODE LW224
float a[20][20];
int main(void) {
#pragma omp simd collapse(2)
    for (int i = 0; i < 19; i++)
        for (int j = 1; j < 20; j++)
            a[i][j] = a[i + 1][j - 1];
    return 0;
}
