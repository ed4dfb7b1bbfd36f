// WHY: allocated memory may hold floats where it held doubles, so two types are no proof that nothing overlaps.
// FUNCTION: narrow
// LOOP: i
// EXPECT: proved
// ASSUMES: no-alias

void narrow(int n, void *memory)
{
    const double *from = memory;
    float *to = memory;
    for (int i = 0; i < n; i++)
        to[i] = from[i];
}
