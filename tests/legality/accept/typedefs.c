// FUNCTION: add
// LOOP: i
// EXPECT: proved
// ASSUMES: none

typedef double real;
typedef int index_t;
typedef struct { real re, im; } complex_t;

void add(index_t n, const complex_t *restrict a, complex_t *restrict b)
{
    for (index_t i = 0; i < n; i++) {
        b[i].re += a[i].re;
        b[i].im += a[i].im;
    }
}
