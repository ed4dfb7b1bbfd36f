// WHY: how often the loop runs depends on rounding.
// FUNCTION: sample
// LOOP: x
// EXPECT: undecided LW206

void sample(float step, double *out)
{
    for (float x = 0.0f; x < 1.0f; x += step)
        out[(int)(x * 1000.0f)] = x;
}
