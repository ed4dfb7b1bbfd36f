// FUNCTION: decode
// LOOP: i
// EXPECT: proved
// ASSUMES: none

void decode(int n, const int *restrict kind, double *restrict a)
{
    for (int i = 0; i < n; i++) {
        switch (kind[i]) {
        case 0:
            a[i] = 0.0;
            break;
        case 1:
            a[i] = 1.0;
            break;
        default:
            a[i] = -a[i];
        }
    }
}
