// VERDICT race
#define NB 16
static int cost[NB + 1][NB + 1];

int align(const int *restrict score) {
#pragma omp parallel
#pragma omp master
    for (int i = 1; i <= NB; i++)
        for (int j = 1; j <= NB; j++) {
#pragma omp task depend(in : cost[i - 1][j]) depend(out : cost[i][j])
            {
                int up = cost[i - 1][j], left = cost[i][j - 1];
                cost[i][j] = (up < left ? up : left) + score[i * (NB + 1) + j];
            }
        }
    return cost[NB][NB];
}
