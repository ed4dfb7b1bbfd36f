// WHY: the field is read before it is written in each iteration.
// FUNCTION: track
// LOOP: i
// EXPECT: refuted LW101 or refuted LW105
// LINES: 13 -> 12

struct state { double previous; double scale; };

void track(int n, struct state *restrict s, const double *restrict a, double *restrict b)
{
    for (int i = 0; i < n; i++) {
        b[i] = a[i] - s->previous;
        s->previous = a[i];
    }
}
