// WHY: the vector grows, in order, and its memory may move.
// FUNCTION: keep
// LOOP: i
// EXPECT: undecided LW204

#include <vector>

void keep(int n, const double *a, std::vector<double> &out)
{
    for (int i = 0; i < n; i++)
        out.push_back(a[i]);
}
