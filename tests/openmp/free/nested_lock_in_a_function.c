#include <omp.h>
struct account {
    omp_nest_lock_t lock;
    int balance;
} account;
static void add(struct account *to, int by) {
    omp_set_nest_lock(&to->lock);
    to->balance += by;
    omp_unset_nest_lock(&to->lock);
}
int main(void) {
    omp_init_nest_lock(&account.lock);
#pragma omp parallel sections
    {
#pragma omp section
        {
            omp_set_nest_lock(&account.lock);
            add(&account, 1);
            add(&account, 2);
            omp_unset_nest_lock(&account.lock);
        }
#pragma omp section
        add(&account, 3);
    }
    return account.balance;
}
