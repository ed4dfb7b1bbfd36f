// WHY: i - back wraps around where i < back; only a huge array is hit, but the code may mean that.
// FUNCTION: echo
// LOOP: i
// EXPECT: undecided LW207 or refuted LW101 or refuted LW102

void echo(unsigned n, unsigned back, double *a)
{
    for (unsigned i = 0; i < n; i++)
        a[i] = a[i - back] * 0.5;
}
