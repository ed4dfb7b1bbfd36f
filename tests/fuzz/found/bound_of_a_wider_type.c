// WHY: compilers convert the bound to unsigned char: where it is -4, there were 63 iterations
// ROOT: i
// PLAN: [{"step": "parallelize", "loop": "i"}]
// EXPECT: proved
// WRITES: if (
void set(int n, int *restrict a)
{
    for (unsigned char i = 0; i < n; i += 4) {
        a[i] = 1;
    }
}
