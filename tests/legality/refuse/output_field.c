// WHY: all iterations write one field; the last one must win.
// FUNCTION: note
// LOOP: i
// EXPECT: refuted LW103 or refuted LW106
// LINES: 13 -> 13

struct state { double last; double scale; };

void note(int n, struct state *restrict s, const double *restrict a, double *restrict b)
{
    for (int i = 0; i < n; i++) {
        b[i] = a[i] * 2.0;
        s->last = a[i];
    }
}
