// VERDICT unknown
struct S { int a[4]; int b[4]; } s;
int main(void) {
#pragma omp parallel sections
    {
#pragma omp section
        for (int i = 0; i < 8; i++) s.a[i] = 1;
#pragma omp section
        s.b[0] = 2;
    }
    return s.b[0];
}
