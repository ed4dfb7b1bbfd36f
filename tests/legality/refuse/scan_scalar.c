// WHY: the partial sums are stored, so the order of the additions shows.
// FUNCTION: scan
// LOOP: i
// EXPECT: refuted LW104
// LINES: 12 -> 12 or 12 -> 13
// VARIABLE: sum

void scan(int n, const int *restrict a, int *restrict out)
{
    int sum = 0;
    for (int i = 0; i < n; i++) {
        sum += a[i];
        out[i] = sum;
    }
}
