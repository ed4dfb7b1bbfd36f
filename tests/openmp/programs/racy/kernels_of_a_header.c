// VERDICT race
#include "kernels.h"

double total(int n, const double *restrict a) { return sum_up(n, a); }
