// WHY: every fourth element forms a chain; four iterations are independent, all of them are not.
// FUNCTION: filter
// LOOP: i
// EXPECT: refuted LW101
// LINES: 11 -> 11
// VARIABLE: y

void filter(int n, float *restrict y, const float *restrict x)
{
    for (int i = 4; i < n; i++)
        y[i] = x[i] - 0.25f * y[i - 4];
}
