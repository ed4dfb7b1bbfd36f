// WHY: a running sum within each row; the rows do not touch each other.
// FUNCTION: cumulate
// LOOP: r
// EXPECT: proved
// LOOP: c
// EXPECT: refuted LW101
// LINES: 14 -> 14
// VARIABLE: s

void cumulate(int rows, int cols, double *s)
{
    for (int r = 0; r < rows; r++)
        for (int c = 1; c < cols; c++)
            s[r * cols + c] += s[r * cols + c - 1];
}
