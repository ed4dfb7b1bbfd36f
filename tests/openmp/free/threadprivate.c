static int calls;
#pragma omp threadprivate(calls)
static void count(void) { calls++; }
int main(void) {
#pragma omp parallel copyin(calls)
    count();
    return 0;
}
