// WHY: the function ends at the first match.
// FUNCTION: find
// LOOP: i
// EXPECT: undecided LW201

int find(int n, const int *a, int key)
{
    for (int i = 0; i < n; i++)
        if (a[i] == key)
            return i;
    return -1;
}
