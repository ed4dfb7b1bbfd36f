// WHY: the witness named p0 = 2, which needs w = 2, which the loop in front never leaves where m = 1
// ROOT: x1
// PLAN: [{"step": "simd", "loop": "x1"}]
// EXPECT: undecided
int last(int n, int m)
{
    int s = 0;
    int w = 1;
    while (w < m) {
        w += w;
    }
    for (int x1 = 0; x1 < w; x1 += m) {
        s = x1;
    }
    return s;
}
