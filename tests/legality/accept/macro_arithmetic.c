// FUNCTION: limit
// LOOP: i
// EXPECT: proved
// ASSUMES: none

#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define SQUARE(x) ((x) * (x))

void limit(int n, const double *restrict a, double *restrict b)
{
    for (int i = 0; i < n; i++)
        b[i] = MAX(SQUARE(a[i]), 1e-6);
}
