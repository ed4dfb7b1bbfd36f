// WHY: a may point to the bound itself, so the number of iterations may change on the way.
// FUNCTION: clear
// LOOP: i
// EXPECT: undecided LW210 or undecided LW211

void clear(const int &n, int *a)
{
    for (int i = 0; i < n; i++)
        a[i] = 0;
}
