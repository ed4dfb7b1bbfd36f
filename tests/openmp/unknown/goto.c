// CODE LW202
int x;
int main(void) {
#pragma omp parallel
    {
        int i = 0;
    again:
        i++;
        if (i < 10)
            goto again;
    }
    return x;
}
