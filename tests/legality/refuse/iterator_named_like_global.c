// WHY: the helper counts in a global that has the name of the loop's variable.
// FUNCTION: fill
// LOOP: i
// EXPECT: any
// LOOP: j
// EXPECT: refuted LW101 or undecided LW101 or refuted LW105 or refuted LW108 or refuted LW104

#define N 100
static double a[N][N], seen[N];
static int j;

static void count(int at)
{
    j = 2 * j + 1;
    seen[at] = j;
}

void fill(void)
{
    for (int i = 0; i < N; i++) {
        count(i);
        {
            int j;
            for (j = 0; j < N; j++) {
                count(j);
                a[i][j] = i;
            }
        }
    }
}
