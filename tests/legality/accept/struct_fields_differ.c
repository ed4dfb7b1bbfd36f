// FUNCTION: shift
// LOOP: i
// EXPECT: proved
// ASSUMES: none

struct cell { double now, next; };

void shift(int n, struct cell *c)
{
    for (int i = 0; i < n - 1; i++)
        c[i].next = c[i + 1].now;
}
