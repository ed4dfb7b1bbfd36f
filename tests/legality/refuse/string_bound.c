// WHY: the loop writes the string whose length it asks for.
// FUNCTION: dashes
// LOOP: i
// EXPECT: undecided LW210 or undecided LW204 or undecided LW211

#include <string.h>

void dashes(char *s)
{
    for (int i = 0; i < (int)strlen(s); i++)
        s[i] = '-';
}
