// VERDICT unknown
static int calls;
struct V { int x; V &operator+=(const V &o) { x += o.x; calls++; return *this; } };
#pragma omp declare reduction(add : V : omp_out += omp_in) initializer(omp_priv = V{0})
int main() {
    V v{0};
#pragma omp parallel for reduction(add : v)
    for (int i = 0; i < 100; i++)
        v.x += i;
    return calls;
}
