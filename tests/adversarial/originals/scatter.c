void f(int n, int bins, const int *index, double *h)
{
    for (int b = 0; b < bins; b++)
        h[b] = 0.0;
    for (int i = 0; i < n; i++)
        h[index[i]] += 1.0;
}
