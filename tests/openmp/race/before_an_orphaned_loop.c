int x, a[64];
void fill(int n) {
    x = n; // FIRST x
#pragma omp for
    for (int i = 0; i < 64; i++)
        a[i] = i;
}
