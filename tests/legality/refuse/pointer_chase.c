// WHY: the next position is known only after the last one was read.
// FUNCTION: walk
// LOOP: i
// EXPECT: refuted LW105
// LINES: 12 -> 12
// VARIABLE: p

void walk(int n, const int *restrict next, int *restrict out)
{
    int p = 0;
    for (int i = 0; i < n; i++) {
        p = next[p];
        out[i] = p;
    }
}
