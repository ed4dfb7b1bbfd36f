// FUNCTION: balance
// LOOP: i
// EXPECT: proved
// REDUCTIONS: account:+
// ASSUMES: reassociation

double balance(int n, const double *withdrawal, double account)
{
    for (int i = 0; i < n; i++)
        account -= withdrawal[i];
    return account;
}
