// VERDICT race-free
#include <iostream>
#include <vector>

int main(int argc, char **argv) {
    int n = 0;
    std::cin >> n;
    std::vector<double> a(n), b(n);
#pragma omp parallel for
    for (int i = 0; i < n; i++) {
        a[i] = 2.0 * b[i];
        if (a[i] > 1e6)
            std::cout << "large " << i << std::endl;
    }
    return 0;
}
