// VERDICT unknown
#include <stddef.h>

/* No main: part of a library. The bins are not protected. */
void histogram(const unsigned char *restrict pixels, size_t count, unsigned *restrict bins) {
#pragma omp parallel for
    for (size_t p = 0; p < count; p++)
        bins[pixels[p] >> 4]++;
}
