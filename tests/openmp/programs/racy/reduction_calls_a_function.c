// VERDICT unknown
int used;
static int zero(void) { return used++ * 0; }
#pragma omp declare reduction(plus : int : omp_out += omp_in) initializer(omp_priv = zero())
int main(void) {
    int s = 0;
#pragma omp parallel for reduction(plus : s)
    for (int i = 0; i < 100; i++)
        s += i;
    return s;
}
