// WHY: byte i belongs to a[i / 8], which an earlier iteration has written.
// FUNCTION: bytes
// LOOP: i
// EXPECT: undecided LW215 or undecided LW302

void bytes(int n, double *a)
{
    const unsigned char *raw = (const unsigned char *)a;
    for (int i = 1; i < n; i++)
        a[i] = raw[i];
}
