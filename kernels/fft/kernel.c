/*
 * In-place complex Fourier transform of length n = 2^k, iterative radix 2.
 *
 * Decimation in time: bit reversal, then log2(n) stages of butterflies. The
 * twiddle factors exp(-2 pi i k / n), k < n/2, are kept in wre and wim, which
 * the caller provides as work space. Other lengths are left untouched.
 */

#include <math.h>

#define TWO_PI 6.283185307179586476925286766559

void fft(int n, double *restrict re, double *restrict im, double *restrict wre, double *restrict wim)
{
    if (n < 2 || (n & (n - 1)) != 0)
        return;

    for (int k = 0; k < n / 2; k++) {
        wre[k] = cos(TWO_PI * k / n);
        wim[k] = -sin(TWO_PI * k / n);
    }

    /* Swap every element with the one at the bit-reversed index. */
    int j = 0;
    for (int i = 1; i < n; i++) {
        int bit = n / 2;
        while (j & bit) {
            j ^= bit;
            bit /= 2;
        }
        j ^= bit;
        if (i < j) {
            double t = re[i];
            re[i] = re[j];
            re[j] = t;
            t = im[i];
            im[i] = im[j];
            im[j] = t;
        }
    }

    for (int half = 1; half < n; half *= 2) {
        const int stride = n / (2 * half);
        for (int start = 0; start < n; start += 2 * half) {
            for (int k = 0; k < half; k++) {
                const int top = start + k;
                const int bottom = top + half;
                const double wr = wre[k * stride];
                const double wi = wim[k * stride];
                const double tr = wr * re[bottom] - wi * im[bottom];
                const double ti = wr * im[bottom] + wi * re[bottom];
                re[bottom] = re[top] - tr;
                im[bottom] = im[top] - ti;
                re[top] += tr;
                im[top] += ti;
            }
        }
    }
}
