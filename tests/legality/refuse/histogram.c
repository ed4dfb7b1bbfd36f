// WHY: two iterations may count in the same bin, and the length of the table is not known.
// FUNCTION: histogram
// LOOP: i
// EXPECT: undecided LW209

void histogram(int n, const unsigned char *restrict pixel, int *restrict count)
{
    for (int i = 0; i < n; i++)
        count[pixel[i]]++;
}
