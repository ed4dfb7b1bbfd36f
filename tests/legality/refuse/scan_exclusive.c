// WHY: the sum so far is stored before the addition.
// FUNCTION: offsets
// LOOP: i
// EXPECT: refuted LW104
// LINES: 13 -> 13 or 13 -> 12
// VARIABLE: sum

void offsets(int n, const int *restrict length, int *restrict offset)
{
    int sum = 0;
    for (int i = 0; i < n; i++) {
        offset[i] = sum;
        sum += length[i];
    }
}
