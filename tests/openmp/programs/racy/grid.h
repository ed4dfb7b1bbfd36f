#ifndef GRID_H
#define GRID_H
#define N 512

struct grid {
    double u[N][N];
    double next[N][N];
};

static inline double larger(double a, double b) { return a > b ? a : b; }
#endif
