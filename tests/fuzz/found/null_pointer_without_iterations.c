// WHY: the guard followed `g` where m is 0, which the original never does: `g` may be null then
// ROOT: i
// PLAN: [{"step": "parallelize", "loop": "i"}]
// EXPECT: proved
// WRITES: m > 0 &&
struct field {
    double *values;
};
void copy(int m, const struct field *g, const struct field *h)
{
    for (int i = 0; i < m; i++) {
        g->values[i] = h->values[i];
    }
}
