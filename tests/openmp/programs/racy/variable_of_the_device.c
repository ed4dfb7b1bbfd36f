// VERDICT race
#pragma omp declare target
int x;
#pragma omp end declare target
int main(void) {
#pragma omp parallel num_threads(4)
    {
#pragma omp target
        x++;
    }
    return x;
}
