// VERDICT unknown
int g;
static void f(int *p){ g++; }
int main(){
#pragma omp parallel
 { int k __attribute__((cleanup(f)))=1; (void)k; }
 return g;}
