// FUNCTION: smooth
// LOOP: i
// EXPECT: proved

#include <vector>

void smooth(int n, const std::vector<double> &in, std::vector<double> &out)
{
    for (int i = 1; i < n - 1; i++)
        out[i] = 0.5 * (in[i - 1] + in[i + 1]);
}
