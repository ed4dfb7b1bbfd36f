// WHY: the x of the next particle is read before it is overwritten.
// FUNCTION: follow
// LOOP: i
// EXPECT: refuted LW102
// LINES: 12 -> 12

struct particle { double x, y; };

void follow(int n, struct particle *p)
{
    for (int i = 0; i < n - 1; i++)
        p[i].x = p[i + 1].x;
}
