// WHY: each va_arg goes on from where the last one stopped
// FUNCTION: f
// LOOP: i
// EXPECT: undecided LW216

#include <stdarg.h>
void f(int *a, int n, ...){ va_list v; va_start(v,n); for(int i=0;i<n;i++) a[i]=va_arg(v,int); va_end(v); }
