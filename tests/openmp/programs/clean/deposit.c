// VERDICT race-free
struct particle {
    float x, charge;
    int cell;
};

void deposit(int count, const struct particle *restrict particles, float *restrict density) {
#pragma omp parallel for
    for (int p = 0; p < count; p++) {
        int c = particles[p].cell;
#pragma omp atomic update
        density[c] += particles[p].charge * (1.0f - particles[p].x);
#pragma omp atomic update
        density[c + 1] += particles[p].charge * particles[p].x;
    }
}
