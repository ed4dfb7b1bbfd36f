// WHY: a simd loop without iterations leaves `i` as it was, where the original's header sets it; both compilers do
// ROOT: i
// PLAN: [{"step": "simd", "loop": "i"}]
// EXPECT: proved
// ASSUMES: (n - low) > 0
// WRITES: if ((n - low) > 0) {
int last(int low, int n, int *restrict a)
{
    int i;
    for (i = low; i < n; i++) {
        a[i] ^= 1;
    }
    return i;
}
