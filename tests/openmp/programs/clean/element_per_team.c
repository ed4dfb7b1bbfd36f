// VERDICT race-free
#include <omp.h>
int main(void) {
    int a[64] = {0};
#pragma omp target teams num_teams(4) map(tofrom : a)
    a[omp_get_team_num()]++;
    return a[0];
}
