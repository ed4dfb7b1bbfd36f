// WHY: neighbouring bit fields share a byte, so two iterations write one memory location.
// FUNCTION: nibbles
// LOOP: i
// EXPECT: undecided LW215 or undecided LW216 or refuted LW103

struct pair { unsigned low : 4; unsigned high : 4; };

void nibbles(int n, struct pair *restrict p, const unsigned *restrict v)
{
    for (int i = 0; i < n; i++) {
        if (i % 2 == 0)
            p[i / 2].low = v[i] & 15u;
        else
            p[i / 2].high = v[i] & 15u;
    }
}
