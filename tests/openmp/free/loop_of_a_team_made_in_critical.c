int a[64];
int main(void) {
#pragma omp parallel
    {
#pragma omp critical
        {
#pragma omp parallel
            {
#pragma omp for
                for (int i = 0; i < 64; i++)
                    a[i] = i;
            }
        }
    }
    return a[0];
}
