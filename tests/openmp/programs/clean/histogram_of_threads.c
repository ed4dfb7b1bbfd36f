// VERDICT race-free
#include <string.h>

void histogram(const unsigned char *restrict pixels, long count, unsigned *restrict bins) {
#pragma omp parallel
    {
        unsigned own[16];
        memset(own, 0, sizeof own);
#pragma omp for nowait
        for (long p = 0; p < count; p++)
            own[pixels[p] >> 4]++;
#pragma omp critical(merge)
        for (int b = 0; b < 16; b++)
            bins[b] += own[b];
    }
}
