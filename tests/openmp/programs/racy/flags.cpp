// VERDICT unknown
#include <vector>

/* Neighbouring flags share a byte. */
void mark(const std::vector<double> &values, double limit, std::vector<bool> &flags) {
#pragma omp parallel for
    for (int i = 0; i < (int)values.size(); i++)
        flags[i] = values[i] > limit;
}
