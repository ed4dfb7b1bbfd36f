// WHY: the guard read ((-18446744073709551612) / 4) > 0, which C takes for an unsigned number
// ROOT: i
// PLAN: [{"step": "parallelize", "loop": "i"}, {"step": "privatize", "variable": "s"}]
// EXPECT: proved or undecided
// LACKS: 18446744073709551612
double last(int n, const double *c)
{
    double s = 0.0;
    for (unsigned long i = -1; i < n - n; i += 4) {
        s = c[i];
    }
    return s;
}
