// WHY: a char pointer may point to the bytes of the bound.
// FUNCTION: blank
// LOOP: i
// EXPECT: undecided LW210 or undecided LW211

struct text { int length; char *data; };

void blank(struct text *t)
{
    for (int i = 0; i < t->length; i++)
        t->data[i] = ' ';
}
