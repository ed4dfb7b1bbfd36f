// WHY: the second variable of the header is counted along by hand.
// FUNCTION: reverse
// LOOP: i
// EXPECT: undecided LW211 or undecided LW210 or undecided LW105 or refuted LW105

void reverse(int n, double *a)
{
    for (int i = 0, j = n - 1; i < j; i++, j--) {
        const double t = a[i];
        a[i] = a[j];
        a[j] = t;
    }
}
