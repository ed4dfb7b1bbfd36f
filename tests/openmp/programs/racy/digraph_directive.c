// VERDICT race
int s;
int main(void)<%
%:pragma omp parallel
 s++;
 return 0;%>
