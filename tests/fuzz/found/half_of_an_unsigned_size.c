// WHY: the guard ((n / 2) - 1) > 0 was computed in unsigned long, where 0 - 1 is positive
// ROOT: x1
// PLAN: [{"step": "parallelize", "loop": "x1"}, {"step": "privatize", "variable": "t"}]
// EXPECT: proved
// ASSUMES: ((long long)(n / 2) - 1) > 0
double last(unsigned long n, double *a)
{
    double t = 1.0;
    for (int x1 = 1; x1 < n / 2; x1++) {
        t = a[x1];
    }
    return t;
}
