// VERDICT race
#include <vector>

class Accumulator {
public:
    void add(double x) {
        total_ += x;
        ++count_;
    }
    double mean() const { return total_ / count_; }

private:
    double total_ = 0.0;
    long count_ = 0;
};

double mean(const std::vector<double> &values) {
    static Accumulator all;
#pragma omp parallel for
    for (long i = 0; i < static_cast<long>(values.size()); i++)
        all.add(values[i]);
    return all.mean();
}
