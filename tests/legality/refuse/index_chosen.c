// WHY: depending on the data, two iterations write one element.
// FUNCTION: place
// LOOP: i
// EXPECT: undecided LW208 or undecided LW213 or undecided LW209

void place(int n, const int *restrict back, double *restrict a)
{
    for (int i = 1; i < n; i++) {
        int j = i;
        if (back[i])
            j = i - 1;
        a[j] = i;
    }
}
