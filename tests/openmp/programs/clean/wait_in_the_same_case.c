// VERDICT race-free
int main(int argc, char **argv) {
    int x = 0, y = 0;
#pragma omp parallel
#pragma omp single
    switch (argc) {
    case 1:
    case 2: {
#pragma omp task shared(x)
        x = 1;
#pragma omp taskwait
        y = x;
    } break;
    default:
        y = 2;
    }
    return y;
}
