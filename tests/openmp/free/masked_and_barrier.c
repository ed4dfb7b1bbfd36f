int main(void) {
    int x, sum = 0;
#pragma omp parallel shared(x) reduction(+ : sum)
    {
#pragma omp masked
        x = 1;
#pragma omp barrier
        sum += x;
    }
    return sum;
}
