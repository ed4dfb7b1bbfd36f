int p, q, r;
int main(void) {
    int m = 0, d = 0;
#pragma omp parallel
#pragma omp single
    {
#pragma omp task depend(mutexinoutset : m)
        p = 1; // FIRST p
#pragma omp task depend(mutexinoutset : m) depend(out : d)
        q = 1;
#pragma omp task depend(in : d)
        r = p; // SECOND
    }
    return r;
}
