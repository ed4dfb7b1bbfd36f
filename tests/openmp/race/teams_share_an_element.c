int a[8];
int main(void) {
#pragma omp target teams num_teams(4) map(tofrom : a)
    a[3] += 1; // FIRST a
    return a[3];
}
