// WHY: whether there is another sweep is known only after this one.
// FUNCTION: newton
// LOOP: root
// EXPECT: undecided LW211

double newton(double x, double a)
{
    double change;
    do {
        const double next = 0.5 * (x + a / x);
        change = next > x ? next - x : x - next;
        x = next;
    } while (change > 1e-12);
    return x;
}
