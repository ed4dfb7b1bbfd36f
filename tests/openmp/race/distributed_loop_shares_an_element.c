int a[8];
int main(void) {
#pragma omp target teams distribute map(tofrom : a)
    for (int i = 0; i < 32; i++)
        a[3] = i; // FIRST a
    return a[3];
}
