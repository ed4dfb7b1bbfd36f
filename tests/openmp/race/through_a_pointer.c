static void add(int *to, int by) {
    *to += by; // FIRST to
}
int main(void) {
    int x = 0;
#pragma omp parallel for
    for (int i = 0; i < 10; i++)
        add(&x, i);
    return x;
}
