// WHY: the body moves the loop variable on.
// FUNCTION: skip
// LOOP: i
// EXPECT: undecided LW205

void skip(int n, const double *restrict a, double *restrict b)
{
    for (int i = 0; i < n; i++) {
        b[i] = a[i];
        if (a[i] > 0.0)
            i++;
    }
}
