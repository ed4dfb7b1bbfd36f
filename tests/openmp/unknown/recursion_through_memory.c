// CODE LW219
static void sort(int *a, int low, int high) {
    if (low >= high)
        return;
    a[low] = a[high];
#pragma omp task
    sort(a, low, low + 1);
#pragma omp task
    sort(a, low + 2, high);
#pragma omp taskwait
}
int numbers[100];
int main(void) {
#pragma omp parallel
#pragma omp single
    sort(numbers, 0, 99);
    return 0;
}
