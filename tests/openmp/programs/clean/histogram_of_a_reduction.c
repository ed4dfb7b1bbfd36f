// VERDICT race-free
int main(void) {
    int h[10] = {0}, a[100];
    for (int i = 0; i < 100; i++)
        a[i] = i % 10;
#pragma omp parallel for reduction(+ : h[:10])
    for (int i = 0; i < 100; i++)
        h[a[i]]++;
    return h[0];
}
