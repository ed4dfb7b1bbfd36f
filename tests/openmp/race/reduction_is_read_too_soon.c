int b[64];
int main(void) {
    int sum = 0;
#pragma omp parallel
    {
#pragma omp for reduction(+ : sum) nowait // FIRST sum
        for (int i = 0; i < 64; i++)
            sum += i;
#pragma omp master
        b[0] = sum; // SECOND
    }
    return b[0];
}
