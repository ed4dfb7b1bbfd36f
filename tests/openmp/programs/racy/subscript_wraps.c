// VERDICT race
int main(void) {
    static int a[256];
#pragma omp parallel for
    for (int i = 0; i < 1000; i++) {
        unsigned char k = i;
        a[k] = i;
    }
    return a[0];
}
