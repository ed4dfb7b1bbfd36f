// VERDICT unknown
#include <sstream>
#include <string>

std::string trace(int n) {
    std::ostringstream log;
#pragma omp parallel for
    for (int i = 0; i < n; i++)
        log << i;
    return log.str();
}
