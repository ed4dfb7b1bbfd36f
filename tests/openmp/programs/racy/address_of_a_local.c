// VERDICT unknown
static int *published;

int hand_over(void) {
    int seen = 0;
#pragma omp parallel reduction(+ : seen)
    {
        int own = 1;
#pragma omp single
        published = &own;
        own = 2;
        seen += *published;
#pragma omp barrier
    }
    return seen;
}
