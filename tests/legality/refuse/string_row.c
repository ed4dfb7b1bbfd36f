// WHY: atoi may read the row that the next iteration writes.
// FUNCTION: parse
// LOOP: i
// EXPECT: undecided LW203 or undecided LW208 or undecided LW302 or undecided LW301

#include <stdlib.h>

void parse(int n, char text[64][8], int *restrict values)
{
    for (int i = 0; i < n - 1; i++) {
        values[i] = atoi(text[i]);
        text[i + 1][0] = '0';
    }
}
