int x, y;
int main(void) {
#pragma omp parallel
    {
#pragma omp barrier
#pragma omp master
        x = 1; // FIRST x
#pragma omp critical
        y += x; // SECOND
#pragma omp barrier
    }
    return y;
}
