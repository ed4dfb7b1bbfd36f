// VERDICT race
int s;
int main(void){
#pragma /* x */ omp \
  parallel /* y */ \
  for
 for(int i=0;i<10;i++) s=i;
 return 0;}
