// WHY: any element of `a` may be read; the text of that relation had a dimension `o0`, so it said a[o0] here
// ROOT: i
// PLAN: [{"step": "parallelize", "loop": "i"}]
// EXPECT: undecided or refuted
void gather(int o0, double *restrict a, const int *restrict index)
{
    for (int i = 0; i < o0; i++) {
        a[i] = a[index[i]];
    }
}
