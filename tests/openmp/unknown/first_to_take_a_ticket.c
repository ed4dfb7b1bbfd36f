// CODE LW213
int x, taken;
int main(void) {
#pragma omp parallel
    {
        int mine;
#pragma omp atomic capture
        mine = taken++;
        if (mine == 0)
            x = 1;
    }
    return x;
}
