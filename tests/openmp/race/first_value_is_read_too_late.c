int b[64];
int main(void) {
    int start = 0;
#pragma omp parallel
    {
#pragma omp master
        start = 1; // SECOND
#pragma omp for firstprivate(start) // FIRST start
        for (int i = 0; i < 64; i++)
            b[i] = start;
    }
    return b[0];
}
