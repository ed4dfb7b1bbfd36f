/*
 * 2-D convolution layer, 3x3 filters, stride 1, no padding, by hand.
 *
 * The image is taken as one long row: output p of it needs the inputs p + ky *
 * width + kx, whatever line p is in, so that a tile of consecutive outputs is
 * made of whole vectors even where lines are short. The two outputs too many
 * at the end of each line are not stored. A tile of FILTERS filters and two
 * vectors of outputs stays in registers while it runs through all channels.
 */

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define K 3

#if defined(__AVX512F__)
#define VECTOR_BYTES 64
#elif defined(__AVX__)
#define VECTOR_BYTES 32
#else
#define VECTOR_BYTES 16
#endif

typedef float vec __attribute__((vector_size(VECTOR_BYTES), aligned(4), may_alias));

#define LANES ((int)(VECTOR_BYTES / sizeof(float)))
#define OUTPUTS (2 * LANES)

/* As many filters as leave registers for two vectors of inputs and one weight. */
#if defined(__AVX512F__) || defined(__aarch64__)
#define FILTERS 8
#define FOR_EACH_FILTER(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7)
#else
#define FILTERS 6
#define FOR_EACH_FILTER(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5)
#endif

#define SERIAL 20000.0 /* multiplications below which threads cost more than they give */

static int smaller(int a, int b) { return a < b ? a : b; }

/* Where a tile lies: its first output is at (y, x) of lines that are width long, of which out_width count. */
struct place {
    int y, x, width, out_width, out_height;
};

/* Store lanes that may reach over the end of a line. */
static void store_pieces(const float *restrict lanes, struct place at, float *restrict plane)
{
    for (int lane = 0; lane < OUTPUTS; lane++) {
        if (at.x < at.out_width && at.y < at.out_height)
            plane[(size_t)at.y * at.out_width + at.x] = lanes[lane];
        if (++at.x == at.width) {
            at.x = 0;
            at.y++;
        }
    }
}

/* Where the inputs of one output lie, seen from the first, in the order of the weights. */
static void find_taps(int channels, ptrdiff_t line, ptrdiff_t channel, ptrdiff_t *restrict offset)
{
    for (int c = 0; c < channels; c++)
        for (int ky = 0; ky < K; ky++)
            for (int kx = 0; kx < K; kx++)
                *offset++ = c * channel + ky * line + kx;
}

/* One tile: filters first .. of weight over the inputs at input. */
static void convolve(int taps, const ptrdiff_t *restrict offset, const float *restrict input, int filters, int first,
                     const float *restrict weight, const float *restrict bias, struct place at,
                     float *restrict output)
{
    const int last = filters - 1;
    /* Filters behind the last one repeat it, and are not stored. */
#define DECLARE(f)                                                                                                     \
    const float *w##f = weight + (size_t)smaller(first + f, last) * taps;                                              \
    vec left##f = bias[smaller(first + f, last)] + (vec){0}, right##f = left##f;
    FOR_EACH_FILTER(DECLARE)

    for (int tap = 0; tap < taps; tap++) {
        const vec left = *(const vec *)(input + offset[tap]);
        const vec right = *(const vec *)(input + offset[tap] + LANES);
#define MULTIPLY(f) left##f += w##f[tap] * left, right##f += w##f[tap] * right;
        FOR_EACH_FILTER(MULTIPLY)
    }

    const size_t plane_size = (size_t)at.out_height * at.out_width;
    if (at.x + OUTPUTS <= at.out_width) {
        float *place = output + (size_t)at.y * at.out_width + at.x;
#define STORE(f)                                                                                                       \
    if (first + f < filters) {                                                                                         \
        *(vec *)(place + (first + f) * plane_size) = left##f;                                                          \
        *(vec *)(place + (first + f) * plane_size + LANES) = right##f;                                                 \
    }
        FOR_EACH_FILTER(STORE)
    } else {
        float lanes[OUTPUTS];
#define STORE_PIECES(f)                                                                                                \
    if (first + f < filters) {                                                                                         \
        *(vec *)lanes = left##f, *(vec *)(lanes + LANES) = right##f;                                                   \
        store_pieces(lanes, at, output + (first + f) * plane_size);                                                    \
    }
        FOR_EACH_FILTER(STORE_PIECES)
    }
}

void conv2d(int channels, int filters, int height, int width, const float *restrict input,
            const float *restrict weight, const float *restrict bias, float *restrict output)
{
    const int out_height = height - K + 1;
    const int out_width = width - K + 1;
    if (out_height <= 0 || out_width <= 0 || filters <= 0)
        return;

    const long long outputs = (long long)(out_height - 1) * width + out_width;
    const long long tiles = (outputs + OUTPUTS - 1) / OUTPUTS;
    const int blocks = (filters + FILTERS - 1) / FILTERS;
    const double work = (double)outputs * filters * (channels + 1) * K * K;

    const long long size = (long long)height * width;
    const int taps = channels * K * K;

    /* The last tile would read behind the image: it gets a copy of what there is. */
    enum { LINE = OUTPUTS + K - 1 };
    const long long tail = (tiles - 1) * OUTPUTS;
    float(*copy)[K][LINE] = calloc((size_t)channels + 1, sizeof *copy);
    ptrdiff_t *offset = malloc(2 * ((size_t)taps + 1) * sizeof *offset);
    if (!copy || !offset)
        abort();
    ptrdiff_t *copy_offset = offset + taps;
    find_taps(channels, width, (ptrdiff_t)size, offset);
    find_taps(channels, LINE, K * LINE, copy_offset);
    for (int c = 0; c < channels; c++) {
        for (int ky = 0; ky < K; ky++) {
            const long long start = tail + (long long)ky * width;
            const long long count = size - start < LINE ? size - start : LINE;
            memcpy(copy[c][ky], input + c * size + start, (size_t)count * sizeof(float));
        }
    }

#pragma omp parallel for collapse(2) schedule(static) if (work > SERIAL)
    for (long long tile = 0; tile < tiles; tile++) {
        for (int block = 0; block < blocks; block++) {
            const long long start = tile * OUTPUTS;
            const struct place at = {(int)(start / width), (int)(start % width), width, out_width, out_height};
            const int is_last = tile == tiles - 1;
            convolve(taps, is_last ? copy_offset : offset, is_last ? copy[0][0] : input + start, filters,
                     block * FILTERS, weight, bias, at, output);
        }
    }
    free(offset);
    free(copy);
}
