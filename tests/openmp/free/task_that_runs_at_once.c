int main(void) {
    int x = 0;
#pragma omp parallel
#pragma omp single
    {
#pragma omp task shared(x) if (0)
        x = 1;
        x += 1;
    }
    return x;
}
