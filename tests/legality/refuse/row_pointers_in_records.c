// WHY: two records may hold the same pointer.
// FUNCTION: clear
// LOOP: i
// EXPECT: undecided LW214 or undecided LW209
// LOOP: j
// EXPECT: any

struct column { int length; double *data; };

void clear(int n, struct column *c)
{
    for (int i = 0; i < n; i++)
        for (int j = 0; j < 8; j++)
            c[i].data[j] = 0.0;
}
