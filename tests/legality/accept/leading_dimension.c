// FUNCTION: scale
// LOOP: i
// EXPECT: proved
// ASSUMES: subscript-bounds
// LOOP: j
// EXPECT: proved

void scale(int rows, int cols, int ld, double alpha, double *a)
{
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < cols; j++)
            a[i * ld + j] *= alpha;
}
