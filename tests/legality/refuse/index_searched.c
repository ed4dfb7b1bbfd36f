// WHY: where the search ends depends on the data, so two iterations may write one element.
// FUNCTION: place
// LOOP: i
// EXPECT: undecided LW208 or undecided LW209 or undecided LW201
// LOOP: j
// EXPECT: undecided LW201

void place(int n, int m, const int *restrict key, double *restrict a)
{
    for (int i = 0; i < n; i++) {
        int j;
        for (j = 0; j < m; j++)
            if (key[j] == i)
                break;
        a[j] = i;
    }
}
