// WHY: the bound comes from a library function, so it is not known whether the loop has two iterations.
// FUNCTION: copy
// LOOP: i
// EXPECT: undecided LW101

#include <string.h>

void copy(double *a, const char *text)
{
    int n = (int)strlen(text) * 0;
    for (int i = 1; i < n; i++)
        a[i] = a[i - 1];
}
