// FUNCTION: offset
// LOOP: i
// EXPECT: proved

void offset(int n, const double *restrict a, double *restrict b)
{
    const double *from = a + 3;
    double *to = &b[1];
    for (int i = 0; i < n; i++)
        *(to + i) = from[i];
}
