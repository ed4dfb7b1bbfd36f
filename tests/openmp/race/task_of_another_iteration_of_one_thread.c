int a[64];
int main(void) {
#pragma omp parallel
    {
        int x = 0;
#pragma omp for
        for (int i = 0; i < 64; i++) {
            x = i; // FIRST x
#pragma omp task shared(x)
            a[i] = x; // SECOND
        }
    }
    return a[1];
}
