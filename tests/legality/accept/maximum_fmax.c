// FUNCTION: norm
// LOOP: i
// EXPECT: proved
// REDUCTIONS: largest:max

#include <math.h>

double norm(int n, const double *a)
{
    double largest = 0.0;
    for (int i = 0; i < n; i++)
        largest = fmax(largest, fabs(a[i]));
    return largest;
}
