// WHY: t still holds the value of the iteration before when it is read.
// FUNCTION: delay
// LOOP: i
// EXPECT: refuted LW105
// LINES: 13 -> 12
// VARIABLE: t

void delay(int n, const double *restrict a, double *restrict b)
{
    double t = 0.0;
    for (int i = 0; i < n; i++) {
        b[i] = t;
        t = a[i];
    }
}
