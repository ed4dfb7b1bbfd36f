int a[9];
int main(void) {
    int sum = 0;
#pragma omp parallel reduction(+ : sum)
    for (int step = 0; step < 8; step++) {
#pragma omp master
        a[step + 1] = step;
        sum += a[step];
#pragma omp barrier
    }
    return sum;
}
