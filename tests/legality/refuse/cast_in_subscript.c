// WHY: the array is written as bytes and read as words.
// FUNCTION: words
// LOOP: i
// EXPECT: undecided LW215 or undecided LW302

void words(int n, unsigned *a)
{
    for (int i = 0; i < n; i++)
        ((unsigned char *)a)[i] = (unsigned char)(a[i] >> 1);
}
