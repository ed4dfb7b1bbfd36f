int count;
int main(void) {
    int seen = 0;
#pragma omp parallel reduction(+ : seen)
    {
        int now;
#pragma omp atomic
        count++;
#pragma omp atomic read
        now = count;
        seen += now;
    }
    return seen;
}
