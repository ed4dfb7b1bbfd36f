// VERDICT race
#define N 4096
int hits;
#pragma omp declare target(hits)

int count(const int *restrict keys, int wanted) {
    hits = 0;
#pragma omp target teams map(to : keys[0 : N]) map(tofrom : hits)
#pragma omp distribute
    for (int block = 0; block < N; block += 256) {
#pragma omp parallel for
        for (int i = block; i < block + 256; i++)
            if (keys[i] == wanted)
#pragma omp critical
                hits++;
    }
    return hits;
}
