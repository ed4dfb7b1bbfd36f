int main(void) {
    int x = 0;
#pragma omp parallel sections
    {
#pragma omp section
        {
#pragma omp parallel
#pragma omp single
            x++;
        }
    }
    return x;
}
