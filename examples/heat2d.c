/*
 * Heat conduction in a square plate.
 *
 *     du/dt = div(k grad u) + q
 *
 * with a conductivity k that differs from place to place, a heat source q, a
 * heated left edge, and free edges elsewhere. Explicit Euler in time, five
 * points in space.
 *
 *     cc -O3 -std=c99 -o heat2d heat2d.c -lm
 *     ./heat2d [cells per side] [time steps]
 */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define PI 3.14159265358979323846

/* Row-major grids of n x n cells. */
#define AT(i, j) ((i) * n + (j))

/* A plate of two materials: the conductivity is four times as high in a round inlay. */
static void set_conductivity(int n, double *k)
{
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
            const double y = (i + 0.5) / n - 0.5;
            const double x = (j + 0.5) / n - 0.6;
            k[AT(i, j)] = x * x + y * y < 0.04 ? 4.0 : 1.0;
        }
    }
}

/* A smooth bump as the initial temperature. */
static void set_temperature(int n, double *u)
{
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
            const double y = (i + 0.5) / n;
            const double x = (j + 0.5) / n;
            u[AT(i, j)] = 20.0 + 60.0 * sin(PI * x) * sin(PI * y);
        }
    }
}

/* A heating wire along a diagonal. */
static void set_source(int n, double strength, double *q)
{
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            q[AT(i, j)] = 0.0;
    for (int i = n / 4; i < 3 * n / 4; i++)
        q[AT(i, i)] = strength * n;
}

/* Left edge: held at a temperature that swings in time. Other edges: no heat passes. */
static void set_boundary(int n, double time, double *u)
{
    const double edge = 50.0 + 30.0 * sin(2.0 * PI * time);

    for (int i = 0; i < n; i++) {
        u[AT(i, 0)] = edge;
        u[AT(i, n - 1)] = u[AT(i, n - 2)];
    }
    for (int j = 0; j < n; j++) {
        u[AT(0, j)] = u[AT(1, j)];
        u[AT(n - 1, j)] = u[AT(n - 2, j)];
    }
}

/* One time step in the interior; r is dt / dx^2. */
static void step(int n, double r, double dt, const double *restrict k, const double *restrict q,
                 const double *restrict u, double *restrict next)
{
    for (int i = 1; i < n - 1; i++) {
        for (int j = 1; j < n - 1; j++) {
            /* The conductivity between two cells is the mean of theirs. */
            const double north = 0.5 * (k[AT(i, j)] + k[AT(i - 1, j)]) * (u[AT(i - 1, j)] - u[AT(i, j)]);
            const double south = 0.5 * (k[AT(i, j)] + k[AT(i + 1, j)]) * (u[AT(i + 1, j)] - u[AT(i, j)]);
            const double west = 0.5 * (k[AT(i, j)] + k[AT(i, j - 1)]) * (u[AT(i, j - 1)] - u[AT(i, j)]);
            const double east = 0.5 * (k[AT(i, j)] + k[AT(i, j + 1)]) * (u[AT(i, j + 1)] - u[AT(i, j)]);
            next[AT(i, j)] = u[AT(i, j)] + r * (north + south + west + east) + dt * q[AT(i, j)];
        }
    }
}

/* Root mean square of the change in one step. */
static double change(int n, const double *u, const double *next)
{
    double sum = 0.0;

    for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
            const double d = next[AT(i, j)] - u[AT(i, j)];
            sum += d * d;
        }
    }
    return sqrt(sum) / n;
}

/* Mean temperature, and the hottest cell through *hottest. */
static double mean(int n, const double *u, double *hottest)
{
    double sum = 0.0;
    double largest = u[0];

    for (int i = 0; i < n * n; i++) {
        sum += u[i];
        if (u[i] > largest)
            largest = u[i];
    }
    *hottest = largest;
    return sum / n / n;
}

/* A number that depends on every cell, and on which cell holds what. */
static double checksum(int n, const double *u)
{
    double sum = 0.0;

    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            sum += u[AT(i, j)] * (1.0 + (i * 7 + j * 13) % 101 / 101.0);
    return sum / n / n;
}

static double *new_grid(int n)
{
    double *grid = malloc(sizeof(double) * (size_t)n * (size_t)n);

    if (!grid) {
        fprintf(stderr, "heat2d: out of memory\n");
        exit(EXIT_FAILURE);
    }
    return grid;
}

int main(int argc, char **argv)
{
    const int n = argc > 1 ? atoi(argv[1]) : 800;
    const int steps = argc > 2 ? atoi(argv[2]) : 1500;

    if (n < 4 || n > 20000 || steps < 0) {
        fprintf(stderr, "usage: heat2d [cells per side, 4 to 20000] [time steps]\n");
        return EXIT_FAILURE;
    }

    double *k = new_grid(n);
    double *q = new_grid(n);
    double *u = new_grid(n);
    double *next = new_grid(n);
    const double dx = 1.0 / n;
    const double dt = 0.05 * dx * dx; /* stable below dx^2 / (4 max k) */

    set_conductivity(n, k);
    set_source(n, 400.0, q);
    set_temperature(n, u);
    set_boundary(n, 0.0, u);

    for (int t = 1; t <= steps; t++) {
        step(n, dt / (dx * dx), dt, k, q, u, next);
        set_boundary(n, t * dt, next);
        if (t % 500 == 0)
            printf("step %6d  change %.6e\n", t, change(n, u, next));

        double *swap = u;
        u = next;
        next = swap;
    }

    double hottest;
    const double average = mean(n, u, &hottest);
    printf("mean %.6f  hottest %.6f\n", average, hottest);
    printf("checksum %.10e\n", checksum(n, u));

    free(k);
    free(q);
    free(u);
    free(next);
    return EXIT_SUCCESS;
}
