// WHY: `private(i)` on the inner loop of the new order; each thread then had an `i` without a value
// ROOT: x1
// PLAN: [{"step": "interchange", "order": ["i", "x1"]}, {"step": "parallelize", "loop": "x1"}, {"step": "reduce", "variable": "s", "operator": "+"}]
// EXPECT: proved
// WRITES: #pragma omp parallel for reduction(+:s)
double total(int n)
{
    double s = 0.0;
    int i;
    for (int x1 = 0; x1 < n; x1++) {
        for (i = 0; i < n; i++) {
            s += i;
        }
    }
    return s;
}
