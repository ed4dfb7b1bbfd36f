// WHY: each element needs the one before it.
// FUNCTION: integrate
// LOOP: i
// EXPECT: refuted LW101
// LINES: 12 -> 12

#include <vector>

void integrate(int n, std::vector<double> &a)
{
    for (int i = 1; i < n; i++)
        a[i] += a[i - 1];
}
