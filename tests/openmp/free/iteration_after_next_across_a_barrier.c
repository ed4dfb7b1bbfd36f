int a[10];
int main(void) {
    int sum = 0;
#pragma omp parallel reduction(+ : sum)
    for (int step = 0; step < 8; step++) {
        sum += a[step];
#pragma omp barrier
#pragma omp master
        a[step + 2] = step;
    }
    return sum;
}
