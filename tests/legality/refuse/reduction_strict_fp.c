// WHY: under strict floating point the order of the additions must stay.
// FUNCTION: dot
// FP: strict
// LOOP: i
// EXPECT: refuted LW305 or undecided LW305
// VARIABLE: sum

double dot(int n, const double *a, const double *b)
{
    double sum = 0.0;
    for (int i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}
