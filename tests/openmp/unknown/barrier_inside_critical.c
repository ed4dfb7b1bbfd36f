// CODE LW216
int s;
static void count(void) {
#pragma omp critical
    s++;
}
int main(void) {
#pragma omp parallel
    {
        count();
#pragma omp critical
        {
            s++;
#pragma omp barrier
        }
    }
    return s;
}
