// WHY: an unsigned value is never below zero, so the loop does not end there but wraps around.
// FUNCTION: down
// LOOP: i
// EXPECT: undecided LW207 or undecided LW211

void down(unsigned n, double *a)
{
    for (unsigned i = n - 1; i >= 0; i--)
        a[i] = 0.0;
}
