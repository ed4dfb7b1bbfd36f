// VERDICT race
static int mode = 0;
static int start() { mode = 1; return 3; }
static int n = start();
int x;
int main() {
    if (mode) {
#pragma omp parallel
        x++;
    }
    return x + n;
}
