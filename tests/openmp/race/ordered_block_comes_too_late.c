int last, copy[100];
int main(void) {
#pragma omp parallel for ordered
    for (int i = 0; i < 100; i++) {
        copy[i] = last; // SECOND
#pragma omp ordered
        last = i; // FIRST last
    }
    return copy[1];
}
