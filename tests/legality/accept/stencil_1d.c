// FUNCTION: smooth
// LOOP: i
// EXPECT: proved
// ASSUMES: no-alias

void smooth(int n, const double *in, double *out)
{
    for (int i = 1; i < n - 1; i++)
        out[i] = 0.25 * in[i - 1] + 0.5 * in[i] + 0.25 * in[i + 1];
}
