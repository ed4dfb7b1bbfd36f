int a[100];
int main(void) {
    int tmp;
#pragma omp parallel for
    for (int i = 0; i < 100; i++) {
        tmp = a[i] + i; // FIRST tmp
        a[i] = tmp;     // SECOND
    }
    return 0;
}
