// WHY: behind `s &&` nothing is evaluated once s is 0; each thread would start with 1 and divide by zero.
// FUNCTION: quotients
// LOOP: i
// EXPECT: refuted LW108
// VARIABLE: s

int quotients(int n, const int *restrict a)
{
    int s = 1;
    for (int i = 0; i < n; i++)
        s = s && 100 / a[i] > 3;
    return s;
}
