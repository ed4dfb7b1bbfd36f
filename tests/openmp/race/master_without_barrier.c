int main(void) {
    int start, sum = 0;
#pragma omp parallel shared(start) reduction(+ : sum)
    {
#pragma omp master
        start = 10; // FIRST start
        sum += start; // SECOND
    }
    return sum;
}
