// WHY: the inner search stops at the first match; the outer iterations do not touch each other.
// FUNCTION: find_all
// LOOP: i
// EXPECT: proved
// LOOP: j
// EXPECT: undecided LW201

void find_all(int n, int m, int a[restrict n][m], int key, int *restrict at)
{
    for (int i = 0; i < n; i++) {
        at[i] = -1;
        for (int j = 0; j < m; j++) {
            if (a[i][j] == key) {
                at[i] = j;
                break;
            }
        }
    }
}
