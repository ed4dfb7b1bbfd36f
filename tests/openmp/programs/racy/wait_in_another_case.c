// VERDICT unknown
int main(int argc, char **argv) {
    int x = 0, y = 0;
#pragma omp parallel
#pragma omp single
    {
#pragma omp task shared(x)
        x = 1;
        switch (argc) {
        case 1: {
#pragma omp taskwait
        } break;
        case 2:
            y = x;
            break;
        }
    }
    return y;
}
