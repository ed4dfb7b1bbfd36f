/*
 * Multi-head scaled dot-product attention: out = softmax(Q K^T / sqrt(dim)) V.
 *
 * q, k, v and out are [heads][seq][dim]; every query attends to every key.
 */

#include <math.h>

/* Replace x by exp(x) / sum(exp(x)); the maximum is taken off first so that exp cannot overflow. */
static void softmax(int n, float *x)
{
    float largest = x[0];
    for (int i = 1; i < n; i++)
        if (x[i] > largest)
            largest = x[i];

    float sum = 0.0f;
    for (int i = 0; i < n; i++) {
        x[i] = expf(x[i] - largest);
        sum += x[i];
    }
    for (int i = 0; i < n; i++)
        x[i] /= sum;
}

void attention(int heads, int seq, int dim, const float *restrict q, const float *restrict k,
               const float *restrict v, float *restrict out)
{
    const float scale = 1.0f / sqrtf((float)dim);

    for (int h = 0; h < heads; h++) {
        for (int i = 0; i < seq; i++) {
            float score[seq];

            for (int j = 0; j < seq; j++) {
                float dot = 0.0f;
                for (int d = 0; d < dim; d++)
                    dot += q[(h * seq + i) * dim + d] * k[(h * seq + j) * dim + d];
                score[j] = dot * scale;
            }

            softmax(seq, score);

            for (int d = 0; d < dim; d++) {
                float sum = 0.0f;
                for (int j = 0; j < seq; j++)
                    sum += score[j] * v[(h * seq + j) * dim + d];
                out[(h * seq + i) * dim + d] = sum;
            }
        }
    }
}
