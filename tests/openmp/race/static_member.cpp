struct counter {
    static int hits;
};
int counter::hits = 0;
int main() {
#pragma omp parallel
    counter::hits++; // FIRST counter::hits
    return 0;
}
