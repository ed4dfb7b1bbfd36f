// WHY: a jump leaves the loop.
// FUNCTION: check
// LOOP: i
// EXPECT: undecided LW202 or undecided LW201

int check(int n, const double *restrict a, double *restrict b)
{
    for (int i = 0; i < n; i++) {
        if (a[i] < 0.0)
            goto fail;
        b[i] = a[i];
    }
    return 0;
fail:
    return 1;
}
