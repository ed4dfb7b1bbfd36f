// WHY: the index must be that of the first smallest element; two variables change together.
// FUNCTION: argmin
// LOOP: i
// EXPECT: undecided LW213 or undecided LW104 or undecided LW105 or undecided LW106 or refuted LW104 or refuted LW105

int argmin(int n, const double *a)
{
    double best = a[0];
    int at = 0;
    for (int i = 1; i < n; i++) {
        if (a[i] < best) {
            best = a[i];
            at = i;
        }
    }
    return at;
}
