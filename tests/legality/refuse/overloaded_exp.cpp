// WHY: this exp is handed memory, and is none of <math.h>
// FUNCTION: f
// LOOP: i
// EXPECT: undecided LW204

struct M; double fmax(M *m, int k); double exp(double *p);
void f(double *a, int n){ for(int i=0;i<n;i++) a[i]=exp(a); }
