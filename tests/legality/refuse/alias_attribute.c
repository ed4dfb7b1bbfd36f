// WHY: b is a second name of a
// FUNCTION: f
// LOOP: i
// EXPECT: undecided LW216

int a[100]; extern int b[100] __attribute__((alias("a")));
void f(int n){ for(int i=1;i<n;i++) a[i]=b[i-1]; }
