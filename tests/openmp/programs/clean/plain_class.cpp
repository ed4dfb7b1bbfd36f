// VERDICT race-free
struct T { int v; T() : v(0) {} T(const T &o) : v(o.v) {} };
int main() {
    T t;
    int a[100];
#pragma omp parallel for firstprivate(t)
    for (int i = 0; i < 100; i++)
        a[i] = t.v + i;
    return a[0];
}
