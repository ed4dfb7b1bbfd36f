// VERDICT race
#define N 1000
static double input[N], output[N];

void pipeline(void) {
#pragma omp parallel sections
    {
#pragma omp section
        for (int i = 0; i < N; i++)
            input[i] = i * 0.5;
#pragma omp section
        for (int i = 0; i < N; i++)
            output[i] = input[i] + 1.0;
    }
}
