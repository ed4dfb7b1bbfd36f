int main(void) {
    int x = 0;
#pragma omp parallel
    {
#pragma omp task depend(inout : x)
        x++; // FIRST x
    }
    return x;
}
