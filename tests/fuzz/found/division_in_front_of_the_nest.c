// WHY: the number of iterations of `y1` was asked for in front of the nest, where m may be 0
// ROOT: j
// PLAN: [{"step": "tile", "band": ["j"], "sizes": [3]}]
// EXPECT: proved
// REFUSES: LW109
long total(int m, int k, const int *restrict b)
{
    long s = 0;
    for (int j = 1; j < m; j++) {
        for (int y1 = 0; y1 < k - 2; y1 += m) {
            s += b[m - j] - b[j];
        }
    }
    return s;
}
