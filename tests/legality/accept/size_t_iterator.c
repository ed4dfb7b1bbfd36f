// FUNCTION: scale
// LOOP: i
// EXPECT: proved
// ASSUMES: no-alias

#include <stddef.h>

void scale(size_t n, const float *a, float *b)
{
    for (size_t i = 0; i < n; i++)
        b[i] = 2.0f * a[i];
}
