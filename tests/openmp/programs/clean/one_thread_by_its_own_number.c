// VERDICT unknown
#include <omp.h>
static int box, turn;
#pragma omp threadprivate(turn)

int main(void) {
#pragma omp parallel
    turn = omp_get_thread_num();
#pragma omp parallel
    {
        if (turn == 0)
            box = 1;
    }
    return box;
}
