// FUNCTION: step
// LOOP: i
// EXPECT: proved
// ASSUMES: none

struct particle { double x, y, vx, vy; };

void step(int n, double dt, struct particle *p)
{
    for (int i = 0; i < n; i++) {
        p[i].x += dt * p[i].vx;
        p[i].y += dt * p[i].vy;
    }
}
