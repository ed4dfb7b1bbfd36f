// FUNCTION: scale
// LOOP: i
// EXPECT: proved

#include <cstddef>
#include <vector>

void scale(std::vector<double> &a, double factor)
{
    for (std::size_t i = 0; i < a.size(); i++)
        a[i] *= factor;
}
