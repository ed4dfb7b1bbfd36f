// VERDICT unknown
#include <stdlib.h>
static int depth;

static void sort(int *a, int low, int high) {
    if (low >= high)
        return;
    int pivot = a[(low + high) / 2], i = low, j = high;
    depth++;
    while (i <= j) {
        while (a[i] < pivot)
            i++;
        while (a[j] > pivot)
            j--;
        if (i <= j) {
            int t = a[i];
            a[i++] = a[j];
            a[j--] = t;
        }
    }
#pragma omp task
    sort(a, low, j);
#pragma omp task
    sort(a, i, high);
}

int main(int argc, char **argv) {
    int n = argc > 1 ? atoi(argv[1]) : 1000;
    int *a = malloc(n * sizeof *a);
    for (int i = 0; i < n; i++)
        a[i] = (i * 7919) % n;
#pragma omp parallel
#pragma omp single
    sort(a, 0, n - 1);
    free(a);
    return depth == 0;
}
