#include <vector>
void scale(std::vector<double> &a) {
#pragma omp parallel for
    for (long i = 0; i < 100; i++)
        a[i] *= 2.0;
}
