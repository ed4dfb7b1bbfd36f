// VERDICT race
void visit(void (*each)(void));
static int parts = 1;

static void grow(void) { parts = 8; }

int main(void) {
    double sum = 0.0;
    visit(grow);
#pragma omp parallel for num_threads(parts)
    for (int i = 0; i < 100; i++)
        sum += i;
    return (int)sum;
}
