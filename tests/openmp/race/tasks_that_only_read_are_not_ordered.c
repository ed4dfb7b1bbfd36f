int main(void) {
    int x = 0, y = 0;
#pragma omp parallel
#pragma omp single
    {
#pragma omp task depend(in : x) shared(y)
        y = x; // FIRST y
#pragma omp task depend(in : x) shared(y)
        y = x + 1; // SECOND
    }
    return y;
}
