int a[32];
int main(void) {
#pragma omp target teams num_teams(4) map(tofrom : a)
    {
#pragma omp parallel for
        for (int i = 0; i < 32; i++)
            a[i] = i; // FIRST a
    }
    return a[0];
}
