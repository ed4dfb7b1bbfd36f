// VERDICT unknown
static int gone;
template <class N> struct T { N v; ~T() { gone++; } };
int main() {
    int a[100];
#pragma omp parallel for
    for (int i = 0; i < 100; i++) {
        T<int> w{i};
        a[i] = w.v;
    }
    return gone;
}
