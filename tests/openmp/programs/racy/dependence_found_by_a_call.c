// VERDICT race
int g=1; int a[10]; int f(void){ return g++; }
int main(void){
#pragma omp parallel num_threads(2)
 {
#pragma omp task depend(out:a[f()])
  ;
 }
 return 0; }
