int main(void) {
    int x = 0, y = 0, z = 0;
#pragma omp parallel
#pragma omp single
    {
#pragma omp task depend(out : x) shared(z)
        z = 1; // FIRST z
#pragma omp task depend(out : y) shared(z)
        z = 2; // SECOND
    }
    return z + x + y;
}
