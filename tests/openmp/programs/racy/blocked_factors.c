// VERDICT race
#define NB 8
#define BS 16
static double a[NB][NB][BS][BS];

static void scale(double (*block)[BS], double by) {
    for (int i = 0; i < BS; i++)
        for (int j = 0; j < BS; j++)
            block[i][j] *= by;
}

static void update(double (*into)[BS], double (*left)[BS], double (*up)[BS]) {
    for (int i = 0; i < BS; i++)
        for (int j = 0; j < BS; j++)
            for (int k = 0; k < BS; k++)
                into[i][j] -= left[i][k] * up[k][j];
}

int main(void) {
#pragma omp parallel
#pragma omp single
    for (int k = 0; k < NB; k++) {
#pragma omp task depend(inout : a[k][k])
        scale(a[k][k], 0.5);
        for (int j = k + 1; j < NB; j++) {
            /* depend(in : a[k][k]) is missing */
#pragma omp task depend(inout : a[k][j])
            update(a[k][j], a[k][k], a[k][j]);
        }
#pragma omp taskwait
    }
    return 0;
}
