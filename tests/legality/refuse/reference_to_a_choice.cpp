// WHY: where c holds, y leads to the sum itself.
// FUNCTION: fold
// LOOP: i
// EXPECT: undecided LW302

double fold(int n, bool c, double *z)
{
    double sum = 1.0;
    double &chosen = c ? sum : *z;
    double *y = &chosen;
    for (int i = 0; i < n; i++)
        sum += y[0];
    return sum;
}
