// WHY: the next element is known only after the current one was read, and a list may be a ring.
// FUNCTION: scale
// LOOP: root
// EXPECT: undecided LW211 or undecided LW212

struct node { double value; struct node *next; };

void scale(struct node *head, double factor)
{
    for (struct node *p = head; p; p = p->next)
        p->value *= factor;
}
