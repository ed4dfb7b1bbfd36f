int main(void) {
    int x = 0;
#pragma omp parallel sections
    {
#pragma omp section
#pragma omp critical(one)
        x += 1; // FIRST x
#pragma omp section
#pragma omp critical(two)
        x += 2; // SECOND
    }
    return x;
}
