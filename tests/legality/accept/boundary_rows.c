// FUNCTION: edges
// LOOP: j
// EXPECT: proved

void edges(int n, double *u)
{
    for (int j = 0; j < n; j++) {
        u[j] = u[n + j];
        u[(n - 1) * n + j] = u[(n - 2) * n + j];
    }
}
