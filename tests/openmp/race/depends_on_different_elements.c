int a[4];
int main(void) {
    int y = 0;
#pragma omp parallel
#pragma omp single
    {
#pragma omp task depend(out : a[1]) shared(y)
        y = 1; // FIRST y
#pragma omp task depend(out : a[2]) shared(y)
        y = 2; // SECOND
    }
    return y;
}
