// VERDICT race
static int mode = 0;
__attribute__((constructor)) static void set(void) { mode = 1; }
int x;
int main(void) {
    if (mode) {
#pragma omp parallel
        x++;
    }
    return x;
}
