// FUNCTION: kick
// LOOP: i
// EXPECT: proved

struct bodies { int n; double x[1000]; double v[1000]; };

void kick(struct bodies *b, double dt)
{
    for (int i = 0; i < 1000; i++)
        b->x[i] += dt * b->v[i];
}
