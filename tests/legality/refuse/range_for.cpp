// WHY: a range-based for has no iterator that a directive could name.
// FUNCTION: scale
// LOOP: root
// EXPECT: undecided LW211 or undecided LW216

#include <vector>

void scale(std::vector<double> &a)
{
    for (double &x : a)
        x *= 2.0;
}
