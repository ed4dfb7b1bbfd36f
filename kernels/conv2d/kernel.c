/*
 * 2-D convolution layer, 3x3 filters, stride 1, no padding ("valid").
 *
 *   input   [channels][height][width]
 *   weight  [filters][channels][3][3]
 *   bias    [filters]
 *   output  [filters][height - 2][width - 2]
 */

#define K 3

void conv2d(int channels, int filters, int height, int width,
            const float *restrict input, const float *restrict weight,
            const float *restrict bias, float *restrict output)
{
    const int out_height = height - K + 1;
    const int out_width = width - K + 1;

    for (int f = 0; f < filters; f++) {
        for (int y = 0; y < out_height; y++) {
            for (int x = 0; x < out_width; x++) {
                float sum = bias[f];
                for (int c = 0; c < channels; c++) {
                    for (int ky = 0; ky < K; ky++) {
                        for (int kx = 0; kx < K; kx++) {
                            sum += input[(c * height + y + ky) * width + x + kx]
                                 * weight[((f * channels + c) * K + ky) * K + kx];
                        }
                    }
                }
                output[(f * out_height + y) * out_width + x] = sum;
            }
        }
    }
}
