// WHY: the elements of vector<bool> are bits, so neighbouring iterations write one memory location.
// FUNCTION: mark
// LOOP: i
// EXPECT: undecided LW215 or undecided LW204

#include <vector>

void mark(int n, const double *a, std::vector<bool> &positive)
{
    for (int i = 0; i < n; i++)
        positive[i] = a[i] > 0.0;
}
