// WHY: no directive can be put in front of a for that a macro writes.
// FUNCTION: clear
// LOOP: i
// EXPECT: undecided LW220

#define EACH(i, n) for (int i = 0; i < (n); i++)

void clear(int n, double *a)
{
    EACH(i, n)
        a[i] = 0.0;
}
