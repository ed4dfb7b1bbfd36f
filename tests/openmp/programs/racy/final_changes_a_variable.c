// VERDICT race
int g=1;
int main(void){
#pragma omp parallel num_threads(2)
 {
#pragma omp task final(g=2)
  ;
 }
 return 0; }
