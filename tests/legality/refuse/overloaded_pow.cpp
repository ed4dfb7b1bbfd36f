// WHY: this pow may change what its references are bound to
// FUNCTION: f
// LOOP: i
// EXPECT: undecided LW204

double pow(double &p, int &k);
void f(double *a, int n, int k)
{
    double x = 0;
    for (int i = 0; i < n; i++)
        a[i] = pow(x, k);
}
