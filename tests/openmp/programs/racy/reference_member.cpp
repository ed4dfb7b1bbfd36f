// VERDICT unknown
struct A { int &r; };
int main(){ int x=0; 
#pragma omp parallel
 { A a{x}; a.r=1; }
 return x;}
