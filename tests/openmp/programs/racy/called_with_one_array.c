// VERDICT unknown
double u[100], v[100];
void shift(double *a, double *b) {
#pragma omp parallel for
    for (int i = 0; i < 99; i++)
        a[i] = b[i + 1];
}
void own(void) { shift(u, v); }
