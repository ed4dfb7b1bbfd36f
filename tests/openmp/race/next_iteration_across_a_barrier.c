int a[9];
int main(void) {
    int sum = 0;
#pragma omp parallel reduction(+ : sum)
    for (int step = 0; step < 8; step++) {
        sum += a[step]; // SECOND
#pragma omp barrier
#pragma omp master
        a[step + 1] = step; // FIRST a
    }
    return sum;
}
