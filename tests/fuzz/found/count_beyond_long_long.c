// WHY: a guard held the number 18446744073709551615, which C takes for an unsigned one
// ROOT: i
// PLAN: [{"step": "parallelize", "loop": "i"}, {"step": "privatize", "variable": "s"}]
// EXPECT: proved
// ASSUMES: (unsigned long)(n) < (18446744073709551615)
double last(unsigned long n, const double *c)
{
    double s = 0.0;
    for (unsigned long i = n; i < -1; i++) {
        s = c[i];
    }
    return s;
}
