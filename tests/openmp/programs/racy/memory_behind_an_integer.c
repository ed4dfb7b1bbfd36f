// VERDICT unknown
#include <string.h>
#include <stdint.h>
int x;
int main(void){ uintptr_t u=(uintptr_t)&x;
#pragma omp parallel
 memset((void*)u,0,sizeof x);
 return 0;}
