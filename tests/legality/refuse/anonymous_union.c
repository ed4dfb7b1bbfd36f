// WHY: a and b share their memory, though no name of a union stands in between
// FUNCTION: f
// LOOP: i
// EXPECT: undecided LW215

struct s { union { int a[100]; int b[100]; }; int c; } g;
void f(int n){ for(int i=1;i<n;i++) g.a[i] = g.b[i-1]+1; }
