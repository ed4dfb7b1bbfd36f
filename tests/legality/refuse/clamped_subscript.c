// WHY: all iterations past the end write the last element.
// FUNCTION: clamp
// LOOP: i
// EXPECT: refuted LW103
// LINES: 11 -> 11
// VARIABLE: a

void clamp(int n, int m, int *a)
{
    for (int i = 0; i < n; i++)
        a[i < m ? i : m] = i;
}
