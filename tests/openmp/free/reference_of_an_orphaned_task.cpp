int a[100];
static void fill(int &i) {
#pragma omp task
    a[i] = i;
}
int main() {
    int i;
#pragma omp parallel
#pragma omp single
    for (i = 0; i < 100; i++)
        fill(i);
    return 0;
}
