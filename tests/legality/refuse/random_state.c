// WHY: a generator written by hand: each value comes from the last one.
// FUNCTION: noise
// LOOP: i
// EXPECT: refuted LW105
// LINES: 11 -> 11
// VARIABLE: state

void noise(int n, unsigned state, double *out)
{
    for (int i = 0; i < n; i++) {
        state = state * 1664525u + 1013904223u;
        out[i] = state / 4294967296.0;
    }
}
