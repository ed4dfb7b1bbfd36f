// VERDICT unknown
#include <cstdlib>
int s; void *operator new(std::size_t n){ s++; return std::malloc(n); }
int main(){
#pragma omp parallel
 { int *p=new int; *p=1; }
 return 0;}
