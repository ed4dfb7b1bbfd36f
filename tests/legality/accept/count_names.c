// WHY: strncmp reads the table of names, which the loop does not write.
// FUNCTION: count
// LOOP: i
// EXPECT: proved
// REDUCTIONS: found:+
// ASSUMES: none

#include <string.h>

struct table { int length; char name[32][8]; };

int count(const struct table *table, const char *wanted)
{
    int found = 0;
    for (int i = 0; i < table->length; i++)
        if (strncmp(table->name[i], wanted, 8) == 0)
            found++;
    return found;
}
