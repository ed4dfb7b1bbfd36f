// WHY: the body changes the bound.
// FUNCTION: grow
// LOOP: i
// EXPECT: undecided LW205 or undecided LW210 or undecided LW211

void grow(int n, double *a)
{
    for (int i = 0; i < n; i++) {
        a[i] = i;
        if (n < 100)
            n = n + 1;
    }
}
