struct point {
    int x, y;
} p;
int main(void) {
#pragma omp parallel for
    for (int i = 0; i < 10; i++)
        p.y = i; // FIRST p.y
    return p.y;
}
