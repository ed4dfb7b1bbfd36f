// WHY: i * (9 - i) takes the same value at i and at 9 - i.
// FUNCTION: parabola
// LOOP: i
// EXPECT: undecided LW208

void parabola(const int *restrict b, int *restrict a)
{
    for (int i = 0; i < 10; i++)
        a[i * (9 - i)] = b[i];
}
