// VERDICT race
#include <iostream>

int main() {
    int last = 0;
#pragma omp parallel num_threads(4)
    std::cin >> last;
    return last;
}
