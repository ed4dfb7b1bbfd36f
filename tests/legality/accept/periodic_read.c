// FUNCTION: periodic
// LOOP: i
// EXPECT: proved
// ASSUMES: none

void periodic(int n, const double *restrict u, double *restrict v)
{
    for (int i = 0; i < n; i++)
        v[i] = u[(i + 1) % n] - u[(i + n - 1) % n];
}
