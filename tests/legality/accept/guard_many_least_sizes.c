// FUNCTION: fill
// LOOP: i
// EXPECT: proved
// ASSUMES: subscript-bounds, no-alias
// LOOP: other
// EXPECT: proved

void fill(int n, int p, int q, int r, int s, double a[][80], double b[][80], double c[][80], double d[][80])
{
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < (((p < q ? p : q) < r ? (p < q ? p : q) : r) < s ? ((p < q ? p : q) < r ? (p < q ? p : q) : r) : s); j++) {
            a[i][j] = 0 + j;
            b[i][j] = 1 + j;
            c[i][j] = 2 + j;
            d[i][j] = 3 + j;
        }
        for (int j = s; j < ((p < q ? p : q) < r ? (p < q ? p : q) : r); j++) {
            a[i][j] = 0 + j;
            b[i][j] = 1 + j;
            c[i][j] = 2 + j;
        }
        for (int j = r; j < ((p < q ? p : q) < s ? (p < q ? p : q) : s); j++) {
            a[i][j] = 0 + j;
            b[i][j] = 1 + j;
            d[i][j] = 3 + j;
        }
        for (int j = q; j < ((p < r ? p : r) < s ? (p < r ? p : r) : s); j++) {
            a[i][j] = 0 + j;
            c[i][j] = 2 + j;
            d[i][j] = 3 + j;
        }
        for (int j = p; j < ((q < r ? q : r) < s ? (q < r ? q : r) : s); j++) {
            b[i][j] = 1 + j;
            c[i][j] = 2 + j;
            d[i][j] = 3 + j;
        }
        for (int j = r > s ? r : s; j < (p < q ? p : q); j++) {
            a[i][j] = 0 + j;
            b[i][j] = 1 + j;
        }
        for (int j = q > s ? q : s; j < (p < r ? p : r); j++) {
            a[i][j] = 0 + j;
            c[i][j] = 2 + j;
        }
        for (int j = q > r ? q : r; j < (p < s ? p : s); j++) {
            a[i][j] = 0 + j;
            d[i][j] = 3 + j;
        }
        for (int j = p > s ? p : s; j < (q < r ? q : r); j++) {
            b[i][j] = 1 + j;
            c[i][j] = 2 + j;
        }
        for (int j = p > r ? p : r; j < (q < s ? q : s); j++) {
            b[i][j] = 1 + j;
            d[i][j] = 3 + j;
        }
        for (int j = p > q ? p : q; j < (r < s ? r : s); j++) {
            c[i][j] = 2 + j;
            d[i][j] = 3 + j;
        }
        for (int j = ((q > r ? q : r) > s ? (q > r ? q : r) : s); j < p; j++) {
            a[i][j] = 0 + j;
        }
        for (int j = ((p > r ? p : r) > s ? (p > r ? p : r) : s); j < q; j++) {
            b[i][j] = 1 + j;
        }
        for (int j = ((p > q ? p : q) > s ? (p > q ? p : q) : s); j < r; j++) {
            c[i][j] = 2 + j;
        }
        for (int j = ((p > q ? p : q) > r ? (p > q ? p : q) : r); j < s; j++) {
            d[i][j] = 3 + j;
        }
    }
}
