// FUNCTION: pool
// LOOP: c
// EXPECT: proved
// ASSUMES: none
// LOOP: y
// EXPECT: proved
// ASSUMES: none
// LOOP: x
// EXPECT: proved

void pool(int channels, int height, int width, const float *restrict in, float *restrict out)
{
    const int h = height / 2;
    const int w = width / 2;
    for (int c = 0; c < channels; c++)
        for (int y = 0; y < h; y++)
            for (int x = 0; x < w; x++)
                out[(c * h + y) * w + x] = in[(c * height + 2 * y) * width + 2 * x];
}
