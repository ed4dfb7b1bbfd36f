// WHY: i - back wraps around for i < back; only back == 0 is left, and then the iterations do not meet.
// FUNCTION: echo
// LOOP: i
// EXPECT: proved
// ASSUMES: no-wrap

void echo(unsigned n, unsigned back, double *a)
{
    for (unsigned i = 0; i < n; i++)
        a[i] = a[i - back] * 0.5;
}
