// WHY: the position in the output is counted up from iteration to iteration.
// FUNCTION: pack
// LOOP: i
// EXPECT: refuted LW105 or refuted LW104 or undecided LW208

void pack(int n, const double *restrict a, double *restrict out)
{
    int k = 0;
    for (int i = 0; i < n; i++) {
        out[k] = a[i];
        k += 2;
    }
}
