int a[32], b[32];
int main(void) {
#pragma omp target teams map(tofrom : a, b)
    {
#pragma omp distribute
        for (int i = 0; i < 32; i++)
            a[i] = i; // FIRST a
#pragma omp distribute
        for (int i = 0; i < 32; i++)
            b[i] = a[31 - i]; // SECOND
    }
    return b[0];
}
