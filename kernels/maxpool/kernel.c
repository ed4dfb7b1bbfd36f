/*
 * Max pooling over 2x2 windows with stride 2.
 *
 *   input   [channels][height][width]
 *   output  [channels][height / 2][width / 2]
 *
 * An odd last row or column is dropped.
 */

#define POOL 2

void maxpool(int channels, int height, int width, const float *restrict input, float *restrict output)
{
    const int out_height = height / POOL;
    const int out_width = width / POOL;

    for (int c = 0; c < channels; c++) {
        for (int y = 0; y < out_height; y++) {
            for (int x = 0; x < out_width; x++) {
                float largest = input[(c * height + y * POOL) * width + x * POOL];
                for (int dy = 0; dy < POOL; dy++) {
                    for (int dx = 0; dx < POOL; dx++) {
                        const float value = input[(c * height + y * POOL + dy) * width + x * POOL + dx];
                        if (value > largest)
                            largest = value;
                    }
                }
                output[(c * out_height + y) * out_width + x] = largest;
            }
        }
    }
}
