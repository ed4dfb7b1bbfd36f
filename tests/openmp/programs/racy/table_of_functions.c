// VERDICT race
static int x;
static void work(int wide) {
    if (wide) {
#pragma omp parallel
        x++;
    }
}
static void (*const table[])(int) = {work};
int main(int argc, char **argv) {
    work(0);
    table[argc - 1](argc);
    return x;
}
