int a[101];
int main(void) {
    int done = 0;
#pragma omp parallel for ordered
    for (int i = 0; i < 100; i++) {
        a[i + 1] = i;
#pragma omp ordered
        done = i;
        a[i] += 1;
    }
    return done;
}
