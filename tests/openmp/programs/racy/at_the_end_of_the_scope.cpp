// VERDICT unknown
static double grand_total;

struct Collector {
    double own = 0.0;
    ~Collector() { grand_total += own; }
};

double sum(const double *values, int n) {
#pragma omp parallel
    {
        Collector mine;
#pragma omp for
        for (int i = 0; i < n; i++)
            mine.own += values[i];
    }
    return grand_total;
}
