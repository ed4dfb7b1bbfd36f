// VERDICT unknown
#include <stdio.h>
#include <stdlib.h>

typedef struct {
    int rows, entries;
    int *start, *column;
    double *value;
} matrix;

static matrix *read_matrix(const char *path) {
    matrix *m = malloc(sizeof *m);
    FILE *in = fopen(path, "r");
    if (in == NULL || m == NULL || fscanf(in, "%d %d", &m->rows, &m->entries) != 2)
        exit(1);
    m->start = malloc((m->rows + 1) * sizeof(int));
    m->column = malloc(m->entries * sizeof(int));
    m->value = malloc(m->entries * sizeof(double));
    for (int r = 0; r <= m->rows; r++)
        if (fscanf(in, "%d", &m->start[r]) != 1)
            exit(1);
    for (int k = 0; k < m->entries; k++)
        if (fscanf(in, "%d %lf", &m->column[k], &m->value[k]) != 2)
            exit(1);
    fclose(in);
    return m;
}

int main(int argc, char **argv) {
    if (argc < 2)
        return 1;
    matrix *m = read_matrix(argv[1]);
    double *x = calloc(m->rows, sizeof *x), *y = calloc(m->rows, sizeof *y);
#pragma omp parallel for schedule(dynamic, 64)
    for (int r = 0; r < m->rows; r++)
        for (int k = m->start[r]; k < m->start[r + 1]; k++)
            y[m->column[k]] += m->value[k] * x[r];
    printf("%g\n", y[0]);
    free(x);
    free(y);
    return 0;
}
