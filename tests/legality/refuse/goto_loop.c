// WHY: a jump back makes a loop inside the loop.
// FUNCTION: shrink
// LOOP: i
// EXPECT: undecided LW202

void shrink(int n, double *a)
{
    for (int i = 0; i < n; i++) {
again:
        if (a[i] > 1.0) {
            a[i] = a[i] * 0.5;
            goto again;
        }
    }
}
