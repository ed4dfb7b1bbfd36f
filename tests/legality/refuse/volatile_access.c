// WHY: each access of a volatile object is an effect of its own, in order.
// FUNCTION: poll
// LOOP: i
// EXPECT: undecided LW203

void poll(int n, volatile int *port, int *out)
{
    for (int i = 0; i < n; i++)
        out[i] = *port;
}
