// WHY: the pointer moves with the loop.
// FUNCTION: copy
// LOOP: i
// EXPECT: undecided LW212

void copy(int n, const double *from, double *to)
{
    for (int i = 0; i < n; i++)
        *to++ = *from++;
}
