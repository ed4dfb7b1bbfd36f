static void count(void) {
    static int calls;
    calls++; // FIRST calls
}
int main(void) {
#pragma omp parallel
    count();
    return 0;
}
