int main(void) {
    int x = 0, sum = 0;
#pragma omp parallel reduction(+ : sum)
    {
#pragma omp for lastprivate(x) nowait // FIRST x
        for (int i = 0; i < 10; i++)
            x = i;
        sum += x; // SECOND
    }
    return sum;
}
