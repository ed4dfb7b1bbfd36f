// FUNCTION: f
// LOOP: i
// EXPECT: proved
// ASSUMES: none

struct v { double x, y; };

void f(int n, const double *restrict a, double *restrict b)
{
    for (int i = 0; i < n; i++) {
        struct v p;
        p.x = a[i];
        p.y = p.x * 2.0;
        b[i] = p.x + p.y;
    }
}
