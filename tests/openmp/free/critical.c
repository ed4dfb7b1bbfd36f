int main(void) {
    int x = 0;
#pragma omp parallel
    {
#pragma omp critical
        x += 1;
#pragma omp critical
        x += 2;
    }
    return x;
}
