// WHY: the running sum is cut to 32 bits in every iteration.
// FUNCTION: low_sum
// LOOP: i
// EXPECT: refuted LW108 or refuted LW105
// VARIABLE: s

unsigned long low_sum(int n, const unsigned *restrict a)
{
    unsigned long s = 1;
    for (int i = 0; i < n; i++)
        s = (unsigned)(s + a[i]);
    return s;
}
