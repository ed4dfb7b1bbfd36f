int a[100];
int negative;
int main(void) {
#pragma omp parallel for
    for (int i = 0; i < 100; i++)
        if (a[i] < 0)
            negative++; // FIRST negative
    return negative;
}
