// WHY: the bytes are those of a; a check in front of the loop can tell, and only for n < 9 do they not meet.
// FUNCTION: bytes
// LOOP: i
// EXPECT: proved
// ASSUMES: no-alias

void bytes(int n, double *a)
{
    const unsigned char *raw = (const unsigned char *)a;
    for (int i = 1; i < n; i++)
        a[i] = raw[i];
}
