// VERDICT race-free
#include "grid.h"

/* Jacobi with two grids of one record. */
double relax(struct grid *restrict g, int sweeps) {
    double residual = 0.0;
    for (int s = 0; s < sweeps; s++) {
        residual = 0.0;
#pragma omp parallel for collapse(2) reduction(max : residual) schedule(static)
        for (int i = 1; i < N - 1; i++)
            for (int j = 1; j < N - 1; j++) {
                g->next[i][j] = 0.25 * (g->u[i - 1][j] + g->u[i + 1][j] + g->u[i][j - 1] + g->u[i][j + 1]);
                double change = larger(g->next[i][j] - g->u[i][j], g->u[i][j] - g->next[i][j]);
                if (change > residual)
                    residual = change;
            }
#pragma omp parallel for
        for (int i = 1; i < N - 1; i++)
            for (int j = 1; j < N - 1; j++)
                g->u[i][j] = g->next[i][j];
    }
    return residual;
}
