// VERDICT unknown
static int made;
struct T { int v; T() : v(0) {} T(const T &o) : v(o.v) { made++; } };
static int get(T t) { return t.v; }
int main() {
    T t;
    int a[100];
#pragma omp parallel for
    for (int i = 0; i < 100; i++)
        a[i] = get(t) + i;
    return made;
}
