// VERDICT unknown
#define STR(x) #x
#define P2(x) _Pragma(STR(x))
#define DO(x) P2(omp x)
int s;
int main(void){
DO(parallel for)
 for(int i=0;i<10;i++) s=i;
 return 0;}
