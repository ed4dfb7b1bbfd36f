// WHY: a variable of each thread cannot be a reduction of all.
// FUNCTION: count
// LOOP: i
// EXPECT: undecided LW216 or undecided LW204

static _Thread_local int total;

int count(int n, const int *a)
{
    total = 0;
    for (int i = 0; i < n; i++)
        total += a[i];
    return total;
}
