int main(void) {
    int sum;
#pragma omp parallel shared(sum)
    {
#pragma omp master
        sum = 0; // FIRST sum
#pragma omp for reduction(+ : sum) // SECOND
        for (int i = 0; i < 10; i++)
            sum += i;
    }
    return sum;
}
