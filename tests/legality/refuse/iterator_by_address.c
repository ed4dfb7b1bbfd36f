// WHY: a call may change the loop variable through its address.
// FUNCTION: skip
// LOOP: i
// EXPECT: undecided LW205 or undecided LW204

void advance(int *);

void skip(int n, double *a)
{
    for (int i = 0; i < n; i++) {
        a[i] = 0.0;
        advance(&i);
    }
}
