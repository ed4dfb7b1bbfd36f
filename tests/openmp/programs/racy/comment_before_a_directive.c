// VERDICT race
int s;
int main(void){
/* x
 y */ #pragma omp parallel
 s++;
 return 0;}
