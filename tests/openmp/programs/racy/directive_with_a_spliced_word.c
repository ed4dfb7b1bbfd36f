// VERDICT unknown
int s;
int main(void){
#pra\
gma omp parallel
 s++;
 return 0;}
