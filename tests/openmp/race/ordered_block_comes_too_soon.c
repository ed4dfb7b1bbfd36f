int last, copy[100];
int main(void) {
#pragma omp parallel for ordered
    for (int i = 0; i < 100; i++) {
#pragma omp ordered
        copy[i] = last; // SECOND
        last = i; // FIRST last
    }
    return copy[1];
}
