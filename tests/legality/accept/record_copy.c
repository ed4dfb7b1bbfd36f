// FUNCTION: copy
// LOOP: i
// EXPECT: proved
// ASSUMES: none

struct point { float x, y, z; };

void copy(int n, const struct point *restrict from, struct point *restrict to)
{
    for (int i = 0; i < n; i++)
        to[i] = from[i];
}
