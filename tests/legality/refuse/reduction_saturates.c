// WHY: a sum that stops at 255 depends on the order once a term is negative.
// FUNCTION: saturate
// LOOP: i
// EXPECT: refuted LW104 or refuted LW105 or refuted LW108
// VARIABLE: sum

int saturate(int n, const int *a)
{
    int sum = 0;
    for (int i = 0; i < n; i++)
        sum = sum + a[i] > 255 ? 255 : sum + a[i];
    return sum;
}
