// FUNCTION: shift
// LOOP: i
// EXPECT: proved
// ASSUMES: no-alias

struct field { double *now, *next; };

void shift(int n, const struct field *f)
{
    for (int i = 0; i < n; i++)
        f->next[i] = f->now[i + 1];
}
