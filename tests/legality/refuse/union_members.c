// WHY: both members are the same bytes: word 0 of cell i - 1 is a part of the value written before.
// FUNCTION: pun
// LOOP: i
// EXPECT: undecided LW215 or refuted LW101 or undecided LW302

union cell { double value; unsigned word[2]; };

void pun(int n, union cell *c, unsigned *out)
{
    for (int i = 1; i < n; i++) {
        c[i].value = i;
        out[i] = c[i - 1].word[0];
    }
}
