// FUNCTION: add
// LOOP: i
// EXPECT: proved

#include <array>

void add(const std::array<double, 64> &a, std::array<double, 64> &b)
{
    for (int i = 0; i < 64; i++)
        b[i] += a[i];
}
