int main(void) {
    int x = 5;
#pragma omp parallel for firstprivate(x) lastprivate(x)
    for (int i = 0; i < 10; i++)
        x = x + i;
    return x;
}
