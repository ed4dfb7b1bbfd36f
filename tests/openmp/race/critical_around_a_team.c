int x;
int main(void) {
#pragma omp parallel num_threads(2)
    {
#pragma omp critical
        {
#pragma omp parallel
            x++; // FIRST x
        }
    }
    return x;
}
