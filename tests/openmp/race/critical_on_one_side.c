int main(void) {
    int x = 0, y = 0;
#pragma omp parallel reduction(+ : y)
    {
#pragma omp critical
        x = 1; // FIRST x
        y += x; // SECOND
    }
    return y;
}
