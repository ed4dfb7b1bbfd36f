// WHY: nothing is known of what the assembly does.
// FUNCTION: fence
// LOOP: i
// EXPECT: undecided LW216 or undecided LW204

void fence(int n, double *a)
{
    for (int i = 0; i < n; i++) {
        a[i] = i;
        __asm__ volatile("" ::: "memory");
    }
}
