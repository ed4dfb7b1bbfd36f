// CODE LW216
int a[8];
int main(void) {
#pragma omp parallel
#pragma omp for
    for (int i = 0; i < 8; i++) {
#pragma omp task shared(i)
        a[i] = 1;
    }
    return a[0];
}
