int main(void) {
    int x = 0, sum = 0;
#pragma omp parallel reduction(+ : sum)
    {
#pragma omp single nowait
        x = 1; // FIRST x
        sum += x; // SECOND
    }
    return sum;
}
