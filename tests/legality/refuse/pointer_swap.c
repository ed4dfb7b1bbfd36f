// WHY: the two buffers change roles in each time step.
// FUNCTION: steps
// LOOP: t
// EXPECT: undecided LW212 or refuted LW101 or refuted LW102 or refuted LW105
// LOOP: i
// EXPECT: any

void steps(int n, int count, double *u, double *v)
{
    for (int t = 0; t < count; t++) {
        for (int i = 1; i < n - 1; i++)
            v[i] = 0.5 * (u[i - 1] + u[i + 1]);
        double *swap = u;
        u = v;
        v = swap;
    }
}
