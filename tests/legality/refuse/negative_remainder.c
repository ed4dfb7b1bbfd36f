// WHY: in C -1 % 8 is -1, and -8 % 8 is 0: the remainders of negative numbers fold onto zero.
// FUNCTION: fold
// LOOP: i
// EXPECT: refuted LW103
// LINES: 11 -> 11
// VARIABLE: a

void fold(int *a)
{
    for (int i = -8; i < 1; i++)
        a[i % 8 + 8] = i;
}
