// WHY: the sum starts again whenever it passes the limit, so the partial sums matter.
// FUNCTION: packets
// LOOP: i
// EXPECT: refuted LW104
// VARIABLE: fill

int packets(int n, int limit, const int *size)
{
    int count = 0;
    int fill = 0;
    for (int i = 0; i < n; i++) {
        fill += size[i];
        if (fill > limit) {
            fill = 0;
            count++;
        }
    }
    return count;
}
