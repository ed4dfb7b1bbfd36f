// WHY: a guard that covers one union would let f point to another one.
// FUNCTION: unpack
// LOOP: i
// EXPECT: undecided LW302

union word {
    int i;
    float f;
};

void unpack(int n, const union word *u, float *f)
{
    for (int i = 0; i < n; i++)
        f[i] = u[i + 1].i;
}
