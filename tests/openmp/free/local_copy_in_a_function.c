static int twice(int x) {
    x += x;
    return x;
}
int a[10];
int main(void) {
    int x = 1;
#pragma omp parallel for
    for (int i = 0; i < 10; i++)
        a[i] = twice(x);
    return a[0];
}
