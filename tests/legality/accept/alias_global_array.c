// FUNCTION: shift
// LOOP: i
// EXPECT: proved
// ASSUMES: no-alias

double table[101];

void shift(double *p)
{
    for (int i = 0; i < 100; i++)
        p[i] = table[i + 1];
}
