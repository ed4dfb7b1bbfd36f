// VERDICT race
int hits, looks;
static int look(void) {
    int seen;
#pragma omp critical
    seen = looks++;
    return seen;
}
void count(int n) {
#pragma omp parallel for
    for (int i = 0; i < n; i++) {
        hits = hits * 2 + look();
    }
}
