int main(void) {
    int count = 0;
#pragma omp target teams distribute parallel for reduction(+ : count) map(tofrom : count)
    for (int i = 0; i < 100; i++)
        count++;
    return count;
}
