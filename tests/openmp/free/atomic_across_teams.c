int count;
int main(void) {
#pragma omp target teams distribute parallel for map(tofrom : count)
    for (int i = 0; i < 100; i++) {
#pragma omp atomic
        count++;
    }
    return count;
}
