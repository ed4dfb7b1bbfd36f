static const int where[6] = {3, 1, 4, 0, 5, 9};
int hits[10];
int main(void) {
#pragma omp parallel for
    for (int i = 0; i < 6; i++)
        hits[where[i]] += i;
    return hits[1];
}
