// WHY: compilers divide by the step in front of the `if` clause that asks whether it is positive
// ROOT: i
// PLAN: [{"step": "parallelize", "loop": "i"}]
// EXPECT: proved
// ASSUMES: m >= 1
// WRITES: if (m >= 1) {
void set(int n, int m, double *restrict d)
{
    for (int i = 0; i < n; i += m) {
        d[i] = 1;
    }
}
