// VERDICT race-free
struct s { unsigned a:3; int mid; unsigned b:5; } g;
int main(void){
#pragma omp parallel sections
{
#pragma omp section
 g.a = 1;
#pragma omp section
 g.b = 2;
}
 return 0;}
