// WHY: the value kept is not the one compared, so the order of the comparisons shows.
// FUNCTION: pick
// LOOP: i
// EXPECT: undecided LW105 or undecided LW104 or undecided LW108 or undecided LW213 or refuted LW105 or refuted LW108

int pick(int n, const int *a, const int *b)
{
    int most = 0;
    for (int i = 0; i < n; i++)
        if (a[i] > most)
            most = b[i];
    return most;
}
