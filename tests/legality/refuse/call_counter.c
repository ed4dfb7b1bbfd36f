// WHY: the helper counts its calls, so the order of the calls shows.
// FUNCTION: number
// LOOP: i
// EXPECT: undecided LW204 or refuted LW105 or refuted LW104 or refuted LW101

static int next_id(void)
{
    static int id = 0;
    id = id + 1;
    return id;
}

void number(int n, int *a)
{
    for (int i = 0; i < n; i++)
        a[i] = next_id();
}
