// VERDICT unknown
#include "makes_directives.h"
int x;
int main(void){
 DO(omp parallel)
 x++;
 return 0;}
