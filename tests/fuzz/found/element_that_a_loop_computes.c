// WHY: the witness named the element b[0], where only the loop in front knows which one it is
// ROOT: x1
// PLAN: [{"step": "parallelize", "loop": "x1"}]
// EXPECT: refuted
// NAMES: b[...]
void update(int n, const int *a, int *restrict b)
{
    int w = 1;
    while (w < n) {
        w += w;
    }
    for (int x1 = 2; x1 < n - 2; x1++) {
        b[w] -= a[(x1 * n) + 1];
    }
}
