// WHY: the array is read and written with rows of different length.
// FUNCTION: reshape
// LOOP: i
// EXPECT: undecided LW208 or undecided LW303
// LOOP: j
// EXPECT: undecided LW208 or undecided LW303

void reshape(int n, int m, double *a)
{
    for (int i = 0; i < n; i++)
        for (int j = 0; j < m; j++)
            a[i * m + j] = a[j * n + i];
}
