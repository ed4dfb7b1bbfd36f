// WHY: the position in a is moved on by every iteration and kept for the next.
// FUNCTION: rank
// LOOP: i
// EXPECT: undecided LW211 or undecided LW105 or refuted LW105 or undecided LW104 or refuted LW104
// LOOP: other
// EXPECT: undecided LW211

void rank(int n, int m, const double *restrict a, const double *restrict b, int *restrict c)
{
    int k = 0;
    for (int i = 0; i < n; i++) {
        while (k < m && a[k] < b[i])
            k++;
        c[i] = k;
    }
}
