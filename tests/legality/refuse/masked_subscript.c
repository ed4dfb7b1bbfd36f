// WHY: iterations 8 apart share an element.
// FUNCTION: mask
// LOOP: i
// EXPECT: undecided LW208 or refuted LW103

void mask(int n, const int *restrict b, int *restrict a)
{
    for (int i = 0; i < n; i++)
        a[i & 7] = b[i];
}
