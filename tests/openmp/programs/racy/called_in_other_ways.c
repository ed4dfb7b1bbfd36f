// VERDICT race
int x;
void work(int parallel) {
    if (parallel) {
#pragma omp parallel
        x++;
    }
}
void serial(void) { work(0); }
