int next;
int order[64];
int main(void) {
#pragma omp parallel for
    for (int i = 0; i < 64; i++) {
        int mine;
#pragma omp atomic capture
        mine = next++;
        order[i] = mine;
    }
    return 0;
}
