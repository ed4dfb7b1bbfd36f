// WHY: the guard `-w > 0` is true of every unsigned w but 0; the loop has no iterations, and `s` would get no value
// ROOT: i
// PLAN: [{"step": "parallelize", "loop": "i"}, {"step": "privatize", "variable": "s"}]
// EXPECT: proved
// ASSUMES: (-(long long)w) > 0
unsigned last(unsigned w)
{
    unsigned s = 0;
    for (unsigned i = w; i < w - w; i++) {
        s = i;
    }
    return s;
}
