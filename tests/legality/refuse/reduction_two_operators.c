// WHY: Horner's rule: additions and multiplications of one variable do not commute.
// FUNCTION: horner
// LOOP: i
// EXPECT: refuted LW108 or refuted LW104
// VARIABLE: value

double horner(int n, const double *coefficient, double x)
{
    double value = 0.0;
    for (int i = 0; i < n; i++) {
        value *= x;
        value += coefficient[i];
    }
    return value;
}
