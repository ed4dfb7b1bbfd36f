// FUNCTION: inner
// LOOP: y
// EXPECT: proved
// ASSUMES: none
// LOOP: x
// EXPECT: proved

void inner(int height, int width, const float *restrict in, float *restrict out)
{
    const int out_width = width - 2;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < out_width; x++)
            out[y * out_width + x] = in[y * width + x + 1];
}
