// VERDICT unknown
static int counter;
static int next() { return counter++; }
static int f(int x = next()) { return x; }
int main() {
    int a[100];
#pragma omp parallel for
    for (int i = 0; i < 100; i++)
        a[i] = f();
    return a[0];
}
