// WHY: a while loop has no iterator that a directive could name.
// FUNCTION: clear
// LOOP: root
// EXPECT: undecided LW211

void clear(int n, double *a)
{
    int i = 0;
    while (i < n) {
        a[i] = 0.0;
        i++;
    }
}
