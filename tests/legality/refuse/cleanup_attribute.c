// WHY: at the end of each iteration add() runs, whose results depend on the order
// FUNCTION: f
// LOOP: i
// EXPECT: undecided LW216

int total;
static void add(int *p){ total = total*2 + *p; }
void f(int *a, int n){ for(int i=0;i<n;i++){ int k __attribute__((cleanup(add))) = a[i]; a[i]=k+1; } }
