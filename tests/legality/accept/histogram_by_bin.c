// FUNCTION: histogram
// LOOP: b
// EXPECT: proved
// LOOP: i
// EXPECT: proved
// REDUCTIONS: hits:+

void histogram(int n, int bins, const int *restrict a, int *restrict count)
{
    for (int b = 0; b < bins; b++) {
        int hits = 0;
        for (int i = 0; i < n; i++)
            if (a[i] == b)
                hits++;
        count[b] = hits;
    }
}
