// WHY: gcc 12 runs no iteration of such a loop under schedule(dynamic) or schedule(guided)
// ROOT: i
// PLAN: [{"step": "parallelize", "loop": "i", "schedule": "dynamic"}, {"step": "reduce", "variable": "s", "operator": "+"}]
// EXPECT: proved
// REFUSES: LW109
unsigned total(unsigned n, const unsigned *a)
{
    unsigned s = 0;
    for (unsigned i = n; i > 0; i--) {
        s += a[i];
    }
    return s;
}
