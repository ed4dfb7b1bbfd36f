// CODE LW223
int main(void) {
    int data = 0, ready = 0;
#pragma omp parallel sections num_threads(2)
    {
#pragma omp section
        {
            data = 1;
#pragma omp atomic write seq_cst
            ready = 1;
        }
#pragma omp section
        {
            int seen = 0;
            while (!seen) {
#pragma omp atomic read seq_cst
                seen = ready;
            }
            data = 2;
        }
    }
    return data;
}
