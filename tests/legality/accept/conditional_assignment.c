// FUNCTION: threshold
// LOOP: i
// EXPECT: proved
// ASSUMES: none

void threshold(int n, double level, double *a)
{
    for (int i = 0; i < n; i++)
        if (a[i] < level)
            a[i] = 0.0;
}
