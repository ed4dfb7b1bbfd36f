// VERDICT unknown
static int made;
template <class N> struct T { N v; T() : v(0) {} T(const T &o) : v(o.v) { made++; } };
static int get(T<int> w) { return w.v; }
int main() {
    T<int> w;
    int a[100];
#pragma omp parallel for
    for (int i = 0; i < 100; i++)
        a[i] = get(w);
    return made;
}
