int a[100];
int main(void) {
    int tmp;
#pragma omp parallel for private(tmp)
    for (int i = 0; i < 100; i++) {
        tmp = a[i] + i;
        a[i] = tmp;
    }
    return 0;
}
