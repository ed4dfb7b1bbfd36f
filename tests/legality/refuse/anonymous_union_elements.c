// WHY: a and b of one element share their memory
// FUNCTION: f
// LOOP: i
// EXPECT: undecided LW215

struct s { union { int a; int b; }; int c; };
void f(struct s *g, int n){ for(int i=1;i<n;i++) g[i].a = g[i-1].b+1; }
