// WHY: a may point to the global bound, so the number of iterations may change on the way.
// FUNCTION: reset
// LOOP: i
// EXPECT: undecided LW210 or undecided LW211

int limit = 100;

void reset(int *a)
{
    for (int i = 0; i < limit; i++)
        a[i] = 1;
}
