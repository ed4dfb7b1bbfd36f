// WHY: once a row fails the flag decides what later rows do.
// FUNCTION: stop_after
// LOOP: i
// EXPECT: undecided LW105 or undecided LW213 or undecided LW104 or refuted LW104 or refuted LW105

void stop_after(int n, const double *restrict a, double *restrict b)
{
    int failed = 0;
    for (int i = 0; i < n; i++) {
        if (!failed)
            b[i] = a[i];
        if (a[i] < 0.0)
            failed = 1;
    }
}
