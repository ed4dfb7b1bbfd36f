// WHY: j is i + 1, so each iteration reads what the one before has written.
// FUNCTION: spread
// LOOP: i
// EXPECT: refuted LW101
// LINES: 12 -> 12
// VARIABLE: a

void spread(int n, double *a)
{
    for (int i = 0; i < n - 1; i++) {
        int j = i + 1;
        a[j] = a[i];
    }
}
