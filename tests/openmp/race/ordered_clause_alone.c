int main(void) {
    int last = 0;
#pragma omp parallel for ordered
    for (int i = 0; i < 100; i++)
        last = i; // FIRST last
    return last;
}
