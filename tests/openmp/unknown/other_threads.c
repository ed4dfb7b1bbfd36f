// CODE LW226
#include <pthread.h>
static void *work(void *x) { return x; }
int a[10];
int main(void) {
    pthread_t thread;
    pthread_create(&thread, 0, work, 0);
#pragma omp parallel for
    for (int i = 0; i < 10; i++)
        a[i] = i;
    return pthread_join(thread, 0);
}
