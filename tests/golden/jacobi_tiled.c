#define N 512

static double a[N][N], b[N][N];

void sweep(int steps)
{
	int t, i, j;

	for (t = 0; t < steps; t++) {
		/* interior points only */
		/* loopwright: tile i, j by 32, 128; parallel i_tile */
		#pragma omp parallel for private(i, j)
		for (long long i_tile = 1; i_tile < N - 1; i_tile += 32)
			for (long long j_tile = 1; j_tile < N - 1; j_tile += 128)
				for (i = i_tile; i < (N - 1 < i_tile + 32 ? N - 1 : i_tile + 32); i++)
					for (j = j_tile; j < (N - 1 < j_tile + 128 ? N - 1 : j_tile + 128); j++) {
						b[i][j] = 0.25 * (a[i - 1][j] + a[i + 1][j] +
								  a[i][j - 1] + a[i][j + 1]);
					}
		#pragma omp parallel for private(j) num_threads(4)
		for (i = 1; i < N - 1; i++)
			for (j = 1; j < N - 1; j++)
				a[i][j] = b[i][j];
	}
}
