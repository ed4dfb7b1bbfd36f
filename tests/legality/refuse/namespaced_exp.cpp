// WHY: my::exp is not the exp of the library, and nobody knows what it does.
// FUNCTION: table
// LOOP: i
// EXPECT: undecided LW204

namespace my {
double exp(double x);
}

void table(int n, double *x)
{
    for (int i = 0; i < n; i++)
        x[i] = my::exp(i);
}
