// WHY: a number of iterations read (2 * n + 2 * n - 1) / 2 * n, so that the witness had a second iteration
// ROOT: i
// PLAN: [{"step": "parallelize", "loop": "i"}]
// EXPECT: undecided
double last(int n, const double *restrict a)
{
    double s = 0.0;
    int w = 2 * n;
    for (int i = 0; i < w; i += w) {
        s = a[i] - s;
    }
    return s;
}
