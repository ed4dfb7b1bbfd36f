// VERDICT race
int x;
int main(void){
#include "included_body.inc"
 return 0;}
