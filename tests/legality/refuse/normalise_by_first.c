// WHY: iteration 0 turns a[0] into 1, and all others divide by that.
// FUNCTION: normalise
// LOOP: i
// EXPECT: refuted LW101
// LINES: 11 -> 11
// VARIABLE: a

void normalise(int n, double *a)
{
    for (int i = 0; i < n; i++)
        a[i] = a[i] / a[0];
}
