// VERDICT unknown
int a[10];
int main(void){
#pragma omp parallel num_threads(4)
 {
#pragma omp loop bind(thread)
  for(int i=0;i<10;i++) a[i]=i;
 }
 return 0; }
