int flag[8];
int main(void) {
    int sum = 0;
#pragma omp parallel reduction(+ : sum)
    for (int step = 0; step < 4; step++) {
#pragma omp barrier
#pragma omp single nowait
        flag[0] = step; // FIRST flag
        sum += flag[0]; // SECOND
    }
    return sum;
}
