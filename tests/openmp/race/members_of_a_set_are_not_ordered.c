int main(void) {
    int x = 0, y = 0;
#pragma omp parallel
#pragma omp single
    {
#pragma omp task depend(inoutset : x) shared(y)
        y = 1; // FIRST y
#pragma omp task depend(inoutset : x) shared(y)
        y = 2; // SECOND
    }
    return y;
}
