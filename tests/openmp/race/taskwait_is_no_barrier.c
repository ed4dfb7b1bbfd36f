int x, y;
int main(void) {
#pragma omp parallel
    {
#pragma omp master
        x = 1; // FIRST x
#pragma omp taskwait
#pragma omp critical
        y += x; // SECOND
    }
    return y;
}
