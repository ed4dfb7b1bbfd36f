// WHY: in C -1 / 2 and 1 / 2 are both 0: division rounds towards zero.
// FUNCTION: fold
// LOOP: i
// EXPECT: refuted LW103
// LINES: 11 -> 11
// VARIABLE: a

void fold(int *a)
{
    for (int i = -1; i < 2; i += 2)
        a[i / 2 + 1] = i;
}
