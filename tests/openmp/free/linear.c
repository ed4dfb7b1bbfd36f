int a[100];
int main(void) {
    int j = 0;
#pragma omp parallel for linear(j)
    for (int i = 0; i < 100; i++) {
        a[j] = i;
        j++;
    }
    return a[99];
}
