// CODE LW227
template <class T> void scale(T *a, int n) {
#pragma omp parallel for
    for (int i = 0; i < n; i++)
        a[i] *= 2;
}
int main() { return 0; }
