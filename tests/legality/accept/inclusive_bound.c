// FUNCTION: scale
// LOOP: i
// EXPECT: proved
// ASSUMES: none

void scale(int first, int last, double *a)
{
    for (int i = first; i <= last; i++)
        a[i] *= 0.5;
}
