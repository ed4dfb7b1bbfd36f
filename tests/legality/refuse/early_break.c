// WHY: what comes after the first negative element must not run.
// FUNCTION: until
// LOOP: i
// EXPECT: undecided LW201

void until(int n, const double *restrict a, double *restrict b)
{
    for (int i = 0; i < n; i++) {
        if (a[i] < 0.0)
            break;
        b[i] = a[i];
    }
}
