void update(size_t n, size_t m, double *a)
{
    /* loopwright: interchange to j, i; parallel j */
    #pragma omp parallel for if(n > 128)
    for (size_t j = 0; j < m; j++)
        for (size_t i = 0; i < (n < j + 1 ? n : j + 1); i++) {
            a[j] += 1.0;
        }
}
