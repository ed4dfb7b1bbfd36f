// VERDICT unknown
#include <vector>

std::vector<int> selected(const std::vector<double> &values, double limit) {
    std::vector<int> found;
#pragma omp parallel for
    for (int i = 0; i < (int)values.size(); i++)
        if (values[i] > limit)
            found.push_back(i);
    return found;
}
