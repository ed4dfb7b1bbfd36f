// WHY: index may point to an element that another iteration overwrites.
// FUNCTION: follow
// LOOP: i
// EXPECT: undecided LW209

void follow(int n, const int *restrict index, int *restrict a)
{
    for (int i = 0; i < n; i++)
        a[i] = a[index[i]];
}
