// FUNCTION: bias
// LOOP: b
// EXPECT: proved
// LOOP: c
// EXPECT: proved
// LOOP: y
// EXPECT: proved
// LOOP: x
// EXPECT: proved

void bias(int batch, int channels, int height, int width, const float *restrict add, float *restrict t)
{
    for (int b = 0; b < batch; b++)
        for (int c = 0; c < channels; c++)
            for (int y = 0; y < height; y++)
                for (int x = 0; x < width; x++)
                    t[((b * channels + c) * height + y) * width + x] += add[c];
}
