int main(void) {
    int x, sum = 0;
#pragma omp parallel shared(x) reduction(+ : sum)
    {
#pragma omp single
        x = 1;
        sum += x;
    }
    return sum;
}
