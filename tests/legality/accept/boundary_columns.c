// FUNCTION: edges
// LOOP: i
// EXPECT: proved

void edges(int n, double *u)
{
    for (int i = 0; i < n; i++) {
        u[i * n] = u[i * n + 1];
        u[i * n + n - 1] = u[i * n + n - 2];
    }
}
