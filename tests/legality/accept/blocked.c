// FUNCTION: scale
// LOOP: b
// EXPECT: proved
// LOOP: i
// EXPECT: proved

#define BLOCK 64

void scale(int n, double *a)
{
    for (int b = 0; b < n; b += BLOCK)
        for (int i = b; i < (b + BLOCK < n ? b + BLOCK : n); i++)
            a[i] *= 2.0;
}
