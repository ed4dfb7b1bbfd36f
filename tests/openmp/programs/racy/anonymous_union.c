// VERDICT unknown
struct { union { int a; int b; }; int c; } g;
int main(){
#pragma omp parallel sections
{
#pragma omp section
 g.a = 1;
#pragma omp section
 g.b = 2;
}
 return 0;}
