// WHY: a guard held the number of iterations, 18446744073709551613, which C takes for an unsigned number
// ROOT: i
// PLAN: [{"step": "parallelize", "loop": "i"}, {"step": "privatize", "variable": "s"}]
// EXPECT: proved or undecided
// LACKS: 184467440737095516
double last(const double *c)
{
    double s = 0.0;
    for (unsigned long i = 2; i < -1; i += 4) {
        s = c[i];
    }
    return s;
}
