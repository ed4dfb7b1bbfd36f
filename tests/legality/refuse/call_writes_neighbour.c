// WHY: the helper writes the element behind the one it is given, which the next iteration reads.
// FUNCTION: propagate
// LOOP: i
// EXPECT: refuted LW101 or undecided LW204

static void push(double *cell, double amount)
{
    cell[1] = cell[0] + amount;
}

void propagate(int n, double *a)
{
    for (int i = 0; i < n - 1; i++)
        push(&a[i], 1.0);
}
