// FUNCTION: copy
// LOOP: i
// EXPECT: undecided LW302

double total;

void copy(int n, const double *restrict a, double *out)
{
    for (int i = 0; i < n; i++) {
        total += a[i];
        out[i] = a[i];
    }
}
