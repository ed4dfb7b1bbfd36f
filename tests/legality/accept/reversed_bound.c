// FUNCTION: clear
// LOOP: i
// EXPECT: proved
// ASSUMES: none

void clear(long n, double *a)
{
    for (long i = 0; n > i; i = i + 1)
        a[i] = 0.0;
}
