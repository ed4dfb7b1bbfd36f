// VERDICT race-free
#include <vector>

class Matrix {
public:
    Matrix(int rows, int columns) : rows_(rows), columns_(columns), data_(rows * columns) {}
    double &operator()(int i, int j) { return data_[i * columns_ + j]; }
    double operator()(int i, int j) const { return data_[i * columns_ + j]; }
    int rows() const { return rows_; }
    int columns() const { return columns_; }

private:
    int rows_, columns_;
    std::vector<double> data_;
};

void rescale(Matrix &m) {
#pragma omp parallel for
    for (int i = 0; i < m.rows(); i++)
        for (int j = 0; j < m.columns(); j++) {
            double t = m(i, j);
            m(i, j) = 2.0 * t + i;
        }
}
