// FUNCTION: lookup
// LOOP: i
// EXPECT: proved
// ASSUMES: none

void lookup(int n, const unsigned char *restrict key, const float *restrict table, float *restrict out)
{
    for (int i = 0; i < n; i++)
        out[i] = table[key[i]];
}
