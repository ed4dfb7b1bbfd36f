// FUNCTION: reset
// LOOP: i
// EXPECT: proved
// LOOP: d
// EXPECT: proved

struct atom { double mass; struct { double now[3], old[3]; } at; };

void reset(int n, struct atom *atoms)
{
    for (int i = 0; i < n; i++)
        for (int d = 0; d < 3; d++)
            atoms[i].at.old[d] = atoms[i].at.now[d];
}
