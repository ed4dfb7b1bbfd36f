// WHY: the index is cut to eight bits, so iterations 256 apart share an element.
// FUNCTION: cut
// LOOP: i
// EXPECT: undecided LW221 or undecided LW207 or undecided LW208 or refuted LW103

void cut(int n, const int *restrict b, int *restrict a)
{
    for (int i = 0; i < n; i++) {
        unsigned char c = (unsigned char)i;
        a[c] = b[i];
    }
}
