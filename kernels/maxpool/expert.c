/*
 * Max pooling over 2x2 windows with stride 2, by hand.
 *
 * Memory is all that counts: each line of outputs reads two lines of inputs
 * from end to end, and every thread a region of its own.
 */

#include <stddef.h>

#define POOL 2
#define SERIAL 20000.0 /* outputs below which threads cost more than they give */

/* One line of outputs; in the order of the window, so that NaN and the sign of 0 come out as they do one by one. */
static void pool_line(int out_width, const float *restrict upper, const float *restrict lower, float *restrict out)
{
#pragma omp simd
    for (int x = 0; x < out_width; x++) {
        float largest = upper[2 * x];
        largest = upper[2 * x + 1] > largest ? upper[2 * x + 1] : largest;
        largest = lower[2 * x] > largest ? lower[2 * x] : largest;
        largest = lower[2 * x + 1] > largest ? lower[2 * x + 1] : largest;
        out[x] = largest;
    }
}

void maxpool(int channels, int height, int width, const float *restrict input, float *restrict output)
{
    const int out_height = height / POOL;
    const int out_width = width / POOL;

#pragma omp parallel for collapse(2) schedule(static) if ((double)channels * out_height * out_width > SERIAL)
    for (int c = 0; c < channels; c++) {
        for (int y = 0; y < out_height; y++) {
            const float *upper = input + ((size_t)c * height + (size_t)y * POOL) * width;
            pool_line(out_width, upper, upper + width, output + ((size_t)c * out_height + y) * out_width);
        }
    }
}
