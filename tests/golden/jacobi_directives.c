#define N 512

static double a[N][N], b[N][N];

void sweep(int steps)
{
	int t, i, j;

	for (t = 0; t < steps; t++) {
		/* interior points only */
		#pragma omp parallel for private(j)
		for (i = 1; i < N - 1; i++)
			for (j = 1; j < N - 1; j++)
				b[i][j] = 0.25 * (a[i - 1][j] + a[i + 1][j] +
						  a[i][j - 1] + a[i][j + 1]);
		#pragma omp parallel for private(j)
		for (i = 1; i < N - 1; i++)
			for (j = 1; j < N - 1; j++)
				a[i][j] = b[i][j];
	}
}
