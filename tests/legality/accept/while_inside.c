// FUNCTION: collatz
// LOOP: i
// EXPECT: proved
// LOOP: other
// EXPECT: any

void collatz(int n, int *restrict steps)
{
    for (int i = 0; i < n; i++) {
        long x = i + 1;
        int count = 0;
        while (x != 1) {
            x = x % 2 ? 3 * x + 1 : x / 2;
            count++;
        }
        steps[i] = count;
    }
}
