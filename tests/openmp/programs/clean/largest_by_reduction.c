// VERDICT race-free
#pragma omp declare reduction(biggest : int : omp_out = omp_in > omp_out ? omp_in : omp_out) initializer(omp_priv = -1)
int main(void) {
    int s = 0;
#pragma omp parallel for reduction(biggest : s)
    for (int i = 0; i < 100; i++)
        s = i > s ? i : s;
    return s;
}
