// WHY: the members of all elements may refer to one number
// FUNCTION: f
// LOOP: i
// EXPECT: undecided LW216

struct s { double &r; };
void f(s *a, int n){ for(int i=0;i<n;i++) a[i].r = a[i].r*0.5+i; }
