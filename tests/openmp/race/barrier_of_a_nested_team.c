int x, y;
int main(void) {
#pragma omp parallel
    {
#pragma omp master
        x = 1; // FIRST x
#pragma omp parallel num_threads(2)
        {
#pragma omp barrier
        }
#pragma omp critical
        y += x; // SECOND
    }
    return y;
}
