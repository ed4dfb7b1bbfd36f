// WHY: a may point to the bound itself, so the number of iterations may change on the way.
// FUNCTION: clear
// LOOP: i
// EXPECT: undecided LW210 or undecided LW211

void clear(int *a, const int *length)
{
    for (int i = 0; i < *length; i++)
        a[i] = 0;
}
