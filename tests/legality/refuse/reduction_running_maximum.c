// WHY: the largest partial sum is wanted, not the largest element.
// FUNCTION: peak
// LOOP: i
// EXPECT: refuted LW104
// VARIABLE: sum

double peak(int n, const double *a)
{
    double sum = 0.0;
    double largest = 0.0;
    for (int i = 0; i < n; i++) {
        sum += a[i];
        largest = sum > largest ? sum : largest;
    }
    return largest;
}
