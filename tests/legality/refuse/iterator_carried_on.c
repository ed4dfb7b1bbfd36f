// WHY: the inner loop goes on where it stopped in the iteration before.
// FUNCTION: fill
// LOOP: i
// EXPECT: refuted LW105 or refuted LW101 or refuted LW108 or undecided LW105 or undecided LW208 or undecided LW211

static double a[4000], last[100];

void fill(void)
{
    int j = 0;
    for (int i = 0; i < 100; i++) {
        for (; j < 40 * i; j++)
            a[j] = i;
        last[i] = j;
    }
}
