// WHY: a may lead to f of the union, which the bound is read from as n
// FUNCTION: f
// LOOP: i
// EXPECT: undecided LW211

struct s { union { int n; float f; }; };
void f(struct s *u, float *a){ for(int i=0;i<u->n;i++) { a[i]=2; } }
