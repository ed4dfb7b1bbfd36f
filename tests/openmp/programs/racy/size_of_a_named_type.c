// VERDICT race
int g=1;
int main(void){ 
#pragma omp parallel
 { typedef int t[++g]; t k; k[0]=1; }
 return 0;}
