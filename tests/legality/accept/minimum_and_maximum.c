// FUNCTION: range
// LOOP: i
// EXPECT: proved
// REDUCTIONS: low:min, high:max

double range(int n, const double *a)
{
    double low = a[0];
    double high = a[0];
    for (int i = 1; i < n; i++) {
        if (a[i] < low)
            low = a[i];
        high = a[i] > high ? a[i] : high;
    }
    return high - low;
}
