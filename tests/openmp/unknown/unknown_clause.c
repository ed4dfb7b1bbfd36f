// CODE LW216
int a[10];
int main(void) {
#pragma omp parallel for frobnicate(3)
    for (int i = 0; i < 10; i++)
        a[i] = i;
    return 0;
}
