// WHY: the length of the text depends on what earlier iterations have written into it.
// FUNCTION: cut
// LOOP: i
// EXPECT: undecided LW203 or undecided LW208 or undecided LW302 or undecided LW301

#include <string.h>

void cut(int n, char *restrict text, int *restrict lengths)
{
    for (int i = n - 1; i >= 0; i--) {
        lengths[i] = (int)strlen(text);
        text[i] = 0;
    }
}
