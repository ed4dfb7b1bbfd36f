// VERDICT race-free
int main(void) {
    int x = 0;
#pragma omp parallel
#pragma omp single
    {
#pragma omp taskgroup task_reduction(+ : x)
        {
            for (int i = 0; i < 10; i++) {
#pragma omp task in_reduction(+ : x)
                x += i;
            }
        }
    }
    return x;
}
