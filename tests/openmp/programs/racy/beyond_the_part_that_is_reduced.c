// VERDICT unknown
int main(void) {
    int h[10] = {0}, a[100];
    for (int i = 0; i < 100; i++)
        a[i] = i % 10;
#pragma omp parallel for reduction(+ : h[0:5])
    for (int i = 0; i < 100; i++) {
        h[i % 5]++;
        h[9]++;
    }
    return h[0];
}
