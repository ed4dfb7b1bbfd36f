// FUNCTION: shift
// LOOP: i
// EXPECT: proved
// ASSUMES: no-alias

void shift(int n, void *to, const void *from)
{
    float *a = (float *)to;
    const float *b = (const float *)from;
    for (int i = 0; i < n; i++)
        a[i] = b[i + 1];
}
