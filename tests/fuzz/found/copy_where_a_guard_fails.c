// WHY: the guards contradict `w = n`, so that all was proved, `lastprivate(g)` too; the clause stays where the guards fail
// ROOT: i
// PLAN: [{"step": "parallelize", "loop": "i"}, {"step": "privatize", "variable": "g"}]
// EXPECT: proved
// WRITES: if (w >= 1 &&
static float g;
void f(int n, float *restrict d, const int *restrict index)
{
    int w;
    w = n;
    for (int i = n; i < n; i += w) {
        g = g - (d[index[i]] - d[0]);
    }
}
