int main(void) {
    int x = 0;
#pragma omp parallel sections
    {
#pragma omp section
        x = 1; // FIRST x
#pragma omp section
        x = 2; // SECOND
    }
    return x;
}
