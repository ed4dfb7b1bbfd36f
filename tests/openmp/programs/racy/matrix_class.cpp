// VERDICT unknown
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

/* In place, and both triangles are visited. */
void transpose(Matrix &m) {
#pragma omp parallel for
    for (int i = 0; i < m.rows(); i++)
        for (int j = 0; j < m.rows(); j++) {
            double t = m(i, j);
            m(i, j) = m(j, i);
            m(j, i) = t;
        }
}
