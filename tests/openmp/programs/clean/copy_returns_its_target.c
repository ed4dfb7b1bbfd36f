// VERDICT race-free
#include <string.h>
#include <stdlib.h>
int main(void){ char s[4]="abc";
#pragma omp parallel
 { char *p=memcpy(malloc(4),s,4); p[0]=1; free(p); }
 return 0;}
