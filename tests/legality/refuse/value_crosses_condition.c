// WHY: the condition reads the element of the iteration before, kept in a variable.
// FUNCTION: runs
// LOOP: i
// EXPECT: refuted LW105
// LINES: 15 -> 13
// VARIABLE: previous

int runs(int n, const int *a)
{
    int previous = 0;
    int count = 0;
    for (int i = 0; i < n; i++) {
        if (previous != a[i])
            count++;
        previous = a[i];
    }
    return count;
}
