// CODE LW213
int ticket;
int main(void) {
#pragma omp parallel
    {
        int mine;
#pragma omp atomic capture
        mine = ticket++;
#pragma omp barrier
        if (mine == 0)
            ticket = 0;
    }
    return ticket;
}
