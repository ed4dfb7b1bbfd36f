// VERDICT race
#include <omp.h>
#define BUCKETS 64
#define LOCKS 8
static omp_lock_t locks[LOCKS];
static int fill[BUCKETS];

void insert(int n) {
    for (int l = 0; l < LOCKS; l++)
        omp_init_lock(&locks[l]);
#pragma omp parallel for
    for (int i = 0; i < n; i++) {
        int bucket = i % BUCKETS;
        omp_set_lock(&locks[i % 7]);
        fill[bucket]++;
        omp_unset_lock(&locks[i % 7]);
    }
}
