// VERDICT unknown
#include <stdio.h>
int x;
int main(void){
#pragma omp parallel
 printf("abc%n\n",&x);
 return 0;}
