int count;
int main(void) {
    int seen = 0;
#pragma omp parallel reduction(+ : seen)
    {
#pragma omp atomic
        count++; // FIRST count
        seen += count; // SECOND
    }
    return seen;
}
