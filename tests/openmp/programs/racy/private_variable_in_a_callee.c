// VERDICT race
int g;
static void inc(void) { g++; }
int main(void) {
#pragma omp parallel for private(g)
    for (int i = 0; i < 10; i++)
        inc();
    return g;
}
