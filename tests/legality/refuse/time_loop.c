// WHY: each time step starts from the result of the last one; the steps themselves are parallel.
// FUNCTION: heat
// LOOP: t
// EXPECT: refuted LW101 or refuted LW102
// LOOP: i
// EXPECT: proved
// LOOP: i_2
// EXPECT: proved

void heat(int n, int steps, double *restrict u, double *restrict v)
{
    for (int t = 0; t < steps; t++) {
        for (int i = 1; i < n - 1; i++)
            v[i] = 0.25 * (u[i - 1] + 2.0 * u[i] + u[i + 1]);
        for (int i = 1; i < n - 1; i++)
            u[i] = v[i];
    }
}
