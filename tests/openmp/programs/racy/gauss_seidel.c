// VERDICT race
#include "grid.h"

/* One sweep of Gauss-Seidel, updated in place. */
double relax(struct grid *restrict g, int sweeps) {
    double residual = 0.0;
    for (int s = 0; s < sweeps; s++) {
        residual = 0.0;
#pragma omp parallel for collapse(2) reduction(max : residual) schedule(static)
        for (int i = 1; i < N - 1; i++)
            for (int j = 1; j < N - 1; j++) {
                double old = g->u[i][j];
                g->u[i][j] = 0.25 * (g->u[i - 1][j] + g->u[i + 1][j] + g->u[i][j - 1] + g->u[i][j + 1]);
                double change = larger(old - g->u[i][j], g->u[i][j] - old);
                if (change > residual)
                    residual = change;
            }
    }
    return residual;
}
