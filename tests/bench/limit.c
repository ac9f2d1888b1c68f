/* SPDX-License-Identifier: GPL-3.0-or-later */
/* limit.c: each case as somebody writes it by hand who knows the problem, the processor and nothing
 * but this one case. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#if __has_include(<lbfgs.h>)
#include <lbfgs.h>
#endif

#include "base/generator.h"
#include "graph/elementary.h"
#include "peer.h"
#include "vector.h"

enum { LARGE = 1000000, COLUMNS = 20, GRID = 200, HIDDEN = 8 };

static volatile double sink; /* what is computed is used */

/* --- small data: padded by copies of the last point that weigh nothing ------------------------ */

static double gabor_x[32] ALIGNED, gabor_y[32] ALIGNED, gabor_weight[32] ALIGNED;
static double line_x[16] ALIGNED, line_y[16] ALIGNED, line_weight[16] ALIGNED;

static const char *prepare_small(void)
{
    peer_gabor_points(gabor_x, gabor_y, 30);
    for (int i = 0; i < 32; i++) {
        gabor_x[i] = gabor_x[i < 30 ? i : 29];
        gabor_y[i] = gabor_y[i < 30 ? i : 29];
        gabor_weight[i] = i < 30;
    }
    for (int i = 0; i < 16; i++) {
        int k = i < 12 ? i : 11;
        line_x[i] = 2 * k / 11.0;
        line_y[i] = 0.6 + 0.7 * line_x[i] + 0.1 * sin(37 * k);
        line_weight[i] = i < 12;
    }
    return NULL;
}

/* --- A1: steps -------------------------------------------------------------------------------- */

struct sums {
    vector loss, first, second;
};

INLINE void gabor_add(struct sums *sums, vector x, vector y, vector weight, const double *phi)
{
    vector sine, cosine, u = phi[0] + 0.06 * phi[1] * x;
    vector_sincos(u, &sine, &cosine);
    vector envelope = vector_exp(u * u * -0.03125);
    vector residual = (sine * envelope - y) * weight;
    vector slope = residual * envelope * (cosine - 0.0625 * u * sine);
    sums->loss += residual * residual;
    sums->first += slope;
    sums->second += slope * x;
}

INLINE double gabor_finish(const struct sums *sums, double *gradient)
{
    gradient[0] = 2 * sum(sums->first);
    gradient[1] = 0.12 * sum(sums->second);
    return sum(sums->loss);
}

INLINE double gabor_30(const double *phi, double *gradient)
{
    struct sums sums = {0};
    for (int i = 0; i < 32; i += LANES)
        gabor_add(&sums, load(gabor_x + i), load(gabor_y + i), load(gabor_weight + i), phi);
    return gabor_finish(&sums, gradient);
}

INLINE double line_12(const double *phi, double *gradient)
{
    struct sums sums = {0};
    for (int i = 0; i < 16; i += LANES) {
        vector x = load(line_x + i);
        vector residual = (phi[0] + phi[1] * x - load(line_y + i)) * load(line_weight + i);
        sums.loss += residual * residual;
        sums.first += residual;
        sums.second += residual * x;
    }
    gradient[0] = 2 * sum(sums.first);
    gradient[1] = 2 * sum(sums.second);
    return sum(sums.loss);
}

static double phi[2];

/* value and gradient, then the update; the loss is part of the work, as a run notes it. */
#define GD(name, evaluate, alpha)            \
    static void name(long count)             \
    {                                        \
        double loss = 0, gradient[2];        \
        phi[0] = 1, phi[1] = 10;             \
        for (long t = 0; t < count; t++) {   \
            loss += evaluate(phi, gradient); \
            phi[0] -= alpha * gradient[0];   \
            phi[1] -= alpha * gradient[1];   \
        }                                    \
        sink = loss;                         \
    }
#define ADAM(name, evaluate, alpha)                                            \
    static void name(long count)                                               \
    {                                                                          \
        double loss = 0, gradient[2], m[2] = {0}, v[2] = {0}, b = 1, c = 1;    \
        phi[0] = 1, phi[1] = 10;                                               \
        for (long t = 0; t < count; t++) {                                     \
            loss += evaluate(phi, gradient);                                   \
            b *= 0.9, c *= 0.999;                                              \
            double m_factor = alpha / (1 - b), v_factor = 1 / (1 - c);         \
            for (int j = 0; j < 2; j++) {                                      \
                m[j] = 0.9 * m[j] + (1 - 0.9) * gradient[j];                   \
                v[j] = 0.999 * v[j] + (1 - 0.999) * gradient[j] * gradient[j]; \
                phi[j] -= m_factor * m[j] / (sqrt(v[j] * v_factor) + 1e-8);    \
            }                                                                  \
        }                                                                      \
        sink = loss;                                                           \
    }
GD(run_gabor_gd, gabor_30, 0.001)
GD(run_linear_gd, line_12, 0.001)
ADAM(run_gabor_adam, gabor_30, 0.01)
ADAM(run_linear_adam, line_12, 0.01)

/* Batches of 5 from a fresh permutation each epoch, with NumPy's generator, which is the task. */
static void run_gabor_sgd(long count)
{
    static const vector weight = {1, 1, 1, 1, 1, 0, 0, 0};
    struct generator generator;
    size_t order[30 + LANES] = {0}, at = 30;
    double loss = 0, gradient[2];
    generator_seed(&generator, 1);
    phi[0] = 1, phi[1] = 10;
    for (long t = 0; t < count; t++) {
        if (at == 30) {
            generator_permutation(&generator, order, 30);
            at = 0;
        }
        vector x, y;
        for (int k = 0; k < LANES; k++) {
            x[k] = gabor_x[order[at + k]];
            y[k] = gabor_y[order[at + k]];
        }
        at += 5;
        struct sums sums = {0};
        gabor_add(&sums, x, y, weight, phi);
        loss += gabor_finish(&sums, gradient);
        phi[0] -= 0.001 * gradient[0];
        phi[1] -= 0.001 * gradient[1];
    }
    sink = loss;
}

/* Gradient descent with the notebooks' search: four points of [0, 0.1] close in on the minimum
 * along the gradient, 15 times. */
INLINE double gabor_loss(double first, double second)
{
    vector loss = all(0);
    for (int i = 0; i < 32; i += LANES) {
        vector sine, cosine, u = first + 0.06 * second * load(gabor_x + i);
        vector_sincos(u, &sine, &cosine);
        vector residual = sine * vector_exp(u * u * -0.03125) - load(gabor_y + i);
        residual *= load(gabor_weight + i);
        loss += residual * residual;
    }
    return sum(loss);
}

static void run_gabor_search(long count)
{
    double gradient[2];
    phi[0] = 1, phi[1] = 10;
    for (long t = 0; t < count; t++) {
        sink = gabor_30(phi, gradient);
        double at[4] = {0, 0.33 * 0.1, 0.66 * 0.1, 0.1}, loss[4];
        for (int round = 0; round < 15 && fabs(at[2] - at[1]) > 1e-5; round++) {
            for (int k = 0; k < 4; k++)
                loss[k] = gabor_loss(phi[0] - at[k] * gradient[0], phi[1] - at[k] * gradient[1]);
            if (loss[0] <= loss[1] && loss[0] <= loss[2] && loss[0] <= loss[3]) {
                for (int k = 1; k < 4; k++)
                    at[k] = at[0] + (at[k] - at[0]) / 2;
                continue;
            }
            at[loss[1] < loss[2] ? 3 : 0] = at[loss[1] < loss[2] ? 2 : 1];
            double width = at[3] - at[0];
            at[1] = at[0] + width / 3;
            at[2] = at[0] + 2 * width / 3;
        }
        phi[0] -= (at[1] + at[2]) / 2 * gradient[0];
        phi[1] -= (at[1] + at[2]) / 2 * gradient[1];
    }
}

/* Few steps, before rounding decides between points that are equally low. */
static size_t value_gabor_search(double values[VALUES])
{
    run_gabor_search(3);
    memcpy(values, phi, sizeof phi);
    return 2;
}

#define VALUE_AFTER_1000(name)                        \
    static size_t value_##name(double values[VALUES]) \
    {                                                 \
        run_##name(1000);                             \
        memcpy(values, phi, sizeof phi);              \
        return 2;                                     \
    }
VALUE_AFTER_1000(gabor_gd)
VALUE_AFTER_1000(linear_gd)
VALUE_AFTER_1000(gabor_adam)
VALUE_AFTER_1000(linear_adam)
VALUE_AFTER_1000(gabor_sgd)

/* --- threads ---------------------------------------------------------------------------------- */

struct share {
    void (*work)(size_t part, size_t parts);
    size_t part, parts;
    long count;
};

static void *work(void *argument)
{
    struct share *share = argument;
    for (long i = 0; i < share->count; i++)
        share->work(share->part, share->parts);
    return NULL;
}

/* Two threads that never wait for each other. */
static void on_two(void (*task)(size_t part, size_t parts), long count)
{
    struct share shares[2] = {{task, 0, 2, count}, {task, 1, 2, count}};
    pthread_t other;
    if (pthread_create(&other, NULL, work, &shares[1]) != 0)
        abort();
    work(&shares[0]);
    pthread_join(other, NULL);
}

/* --- A2: the loss of Gabor over a grid -------------------------------------------------------- */

static double grid[GRID * GRID] ALIGNED;

static void surface(size_t part, size_t parts)
{
    for (size_t i = part * GRID / parts; i < (part + 1) * GRID / parts; i++) {
        double first = -10 + 20 * (double)i / (GRID - 1);
        for (size_t j = 0; j < GRID; j += LANES) {
            vector loss = all(0), second = {0, 1, 2, 3, 4, 5, 6, 7};
            second = 20 * ((double)j + second) / (GRID - 1);
            for (int k = 0; k < 30; k++) {
                vector sine, cosine, u = first + 0.06 * gabor_x[k] * second;
                vector_sincos(u, &sine, &cosine);
                vector residual = sine * vector_exp(u * u * -0.03125) - gabor_y[k];
                loss += residual * residual;
            }
            store(grid + i * GRID + j, loss);
        }
    }
}

static void run_surface(long count)
{
    for (long c = 0; c < count; c++)
        surface(0, 1);
}

static void run_surface_2(long count)
{
    on_two(surface, count);
}

static size_t value_surface(double values[VALUES])
{
    surface(0, 1);
    values[0] = grid[0];
    values[1] = grid[57 * GRID + 33];
    values[2] = grid[GRID * GRID - 1];
    return 3;
}

/* --- A3: one pass over a million examples ----------------------------------------------------- */

static double *table; /* LARGE × COLUMNS */

static const char *prepare_table(void)
{
    if (table != NULL)
        return NULL;
    table = malloc(sizeof *table * LARGE * COLUMNS);
    if (table == NULL)
        return "no memory";
    struct generator generator;
    generator_seed(&generator, 1);
    for (size_t i = 0; i < (size_t)LARGE * COLUMNS; i++)
        table[i] = generator_uniform(&generator);
    return NULL;
}

static void read_table(size_t part, size_t parts)
{
    enum { TOGETHER = 8 };
    size_t size = (size_t)LARGE * COLUMNS;
    vector sums[TOGETHER] = {0};
    for (size_t i = part * (size / parts); i < (part + 1) * (size / parts); i += TOGETHER * LANES)
        for (size_t k = 0; k < TOGETHER; k++)
            sums[k] += load(table + i + k * LANES);
    for (size_t k = 1; k < TOGETHER; k++)
        sums[0] += sums[k];
    sink = sum(sums[0]);
}

static void run_read(long count)
{
    for (long c = 0; c < count; c++)
        read_table(0, 1);
}

static void run_read_2(long count)
{
    on_two(read_table, count);
}

/* --- the same as gradients of any number of points -------------------------------------------- */

static double *many_x, *many_y;

static const char *prepare_many(void)
{
    if (many_x != NULL)
        return NULL;
    many_x = aligned_alloc(64, sizeof *many_x * LARGE);
    many_y = aligned_alloc(64, sizeof *many_y * LARGE);
    if (many_x == NULL || many_y == NULL)
        return "no memory";
    peer_gabor_points(many_x, many_y, LARGE);
    return prepare_small();
}

static double many_gradient[2];

static void gabor_large(size_t part, size_t parts)
{
    struct sums sums = {0};
    double gradient[2];
    for (size_t i = part * LARGE / parts; i < (part + 1) * LARGE / parts; i += LANES)
        gabor_add(&sums, load(many_x + i), load(many_y + i), all(1), (double[2]){1, 10});
    sink = gabor_finish(&sums, gradient);
    if (parts == 1)
        memcpy(many_gradient, gradient, sizeof gradient);
}

static void run_gabor_large(long count)
{
    for (long c = 0; c < count; c++)
        gabor_large(0, 1);
}

static void run_gabor_large_2(long count)
{
    on_two(gabor_large, count);
}

static size_t value_gabor_large(double values[VALUES])
{
    gabor_large(0, 1);
    memcpy(values, many_gradient, sizeof many_gradient);
    return 2;
}

/* 30 and 1,000 points; φ moves so that nothing can be taken out of the loop. */
static double thousand_x[1000] ALIGNED, thousand_y[1000] ALIGNED;

static const char *prepare_gradients(void)
{
    peer_gabor_points(thousand_x, thousand_y, 1000);
    return prepare_many();
}

static double moving(long c)
{
    return 1 + 1e-3 * (double)(c & 7);
}

static void run_gradient_30(long count)
{
    double gradient[2] = {0}, total = 0;
    for (long c = 0; c < count; c++)
        total += gabor_30((double[2]){moving(c), 10}, gradient);
    sink = total + gradient[0];
}

static void run_gradient_1000(long count)
{
    double gradient[2] = {0}, total = 0;
    for (long c = 0; c < count; c++) {
        struct sums sums = {0};
        for (int i = 0; i < 1000; i += LANES)
            gabor_add(&sums, load(thousand_x + i), load(thousand_y + i), all(1),
                      (double[2]){moving(c), 10});
        total += gabor_finish(&sums, gradient);
    }
    sink = total + gradient[0];
}

/* A network 1-8-1 with tanh: w, b, v of 8 each, then c. */
static double net_phi[3 * HIDDEN + 1], net_gradient[3 * HIDDEN + 1];

static void net_start(double first)
{
    for (int i = 0; i < 3 * HIDDEN + 1; i++)
        net_phi[i] = sin(i + first);
}

static double net(const double *x, const double *y, const double *weight, size_t count)
{
    const double *w = net_phi, *b = w + HIDDEN, *v = b + HIDDEN;
    vector loss = all(0), gw[HIDDEN] = {0}, gb[HIDDEN] = {0}, gv[HIDDEN] = {0}, gc = all(0);
    for (size_t i = 0; i < count; i += LANES) {
        vector in = load(x + i), hidden[HIDDEN], out = all(v[HIDDEN]);
        for (int h = 0; h < HIDDEN; h++) {
            hidden[h] = vector_tanh(w[h] * in + b[h]);
            out += v[h] * hidden[h];
        }
        vector residual = out - load(y + i);
        if (weight != NULL)
            residual *= load(weight + i);
        loss += residual * residual;
        gc += residual;
        for (int h = 0; h < HIDDEN; h++) {
            vector back = residual * (1 - hidden[h] * hidden[h]);
            gv[h] += residual * hidden[h];
            gb[h] += back;
            gw[h] += back * in;
        }
    }
    for (int h = 0; h < HIDDEN; h++) {
        net_gradient[h] = 2 * v[h] * sum(gw[h]);
        net_gradient[HIDDEN + h] = 2 * v[h] * sum(gb[h]);
        net_gradient[2 * HIDDEN + h] = 2 * sum(gv[h]);
    }
    net_gradient[3 * HIDDEN] = 2 * sum(gc);
    return sum(loss);
}

static void run_net_30(long count)
{
    net_start(0);
    for (long c = 0; c < count; c++) {
        net_phi[0] = moving(c);
        sink = net(gabor_x, gabor_y, gabor_weight, 32);
    }
}

static void run_net_1000(long count)
{
    net_start(0);
    for (long c = 0; c < count; c++) {
        net_phi[0] = moving(c);
        sink = net(thousand_x, thousand_y, NULL, 1000);
    }
}

static void run_net_large(long count)
{
    net_start(0);
    for (long c = 0; c < count; c++) {
        net_phi[0] = moving(c);
        sink = net(many_x, many_y, NULL, LARGE);
    }
}

static size_t value_net(double values[VALUES])
{
    net_start(0);
    net(gabor_x, gabor_y, gabor_weight, 32);
    memcpy(values, net_gradient, sizeof net_gradient);
    return 3 * HIDDEN + 1;
}

/* --- A4: the matrix products of one epoch, and nothing else ----------------------------------- */

enum { SAMPLES = 10000, IN = 784, MIDDLE = 128, OUT = 10, BATCH = 64 };
enum { NO = 111, YES = 112, ROW_MAJOR = 101 }; /* as cblas.h numbers them */

static void (*gemm)(int order, int transpose_a, int transpose_b, int m, int n, int k, double alpha,
                    const double *a, int lda, const double *b, int ldb, double beta, double *c,
                    int ldc);
static void (*set_threads)(int count);
static double *pictures, *middle, *back, *first_weights, *first_gradient;
static double out[BATCH * OUT], out_back[BATCH * OUT], second_weights[OUT * MIDDLE],
    second_gradient[OUT * MIDDLE];

static double *filled(size_t count)
{
    double *numbers = malloc(count * sizeof *numbers);
    if (numbers != NULL)
        for (size_t i = 0; i < count; i++)
            numbers[i] = 0.001 * (double)(i % 1000);
    return numbers;
}

static const char *prepare_products(void)
{
    static const char *const names[] = {"libopenblas.so.0", "libopenblas.so", "libblas.so.3",
                                        "libopenblas.dylib"};
    void *library = NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names && gemm == NULL; i++)
        if ((library = dlopen(names[i], RTLD_NOW)) != NULL)
            *(void **)&gemm = dlsym(library, "cblas_dgemm");
    if (gemm == NULL)
        return "no BLAS library with cblas_dgemm";
    *(void **)&set_threads = dlsym(library, "openblas_set_num_threads");
    if (pictures != NULL)
        return NULL;
    pictures = filled((size_t)SAMPLES * IN);
    middle = filled(BATCH * MIDDLE);
    back = filled(BATCH * MIDDLE);
    first_weights = filled(MIDDLE * IN);
    first_gradient = filled(MIDDLE * IN);
    if (!pictures || !middle || !back || !first_weights || !first_gradient)
        return "no memory";
    memcpy(second_weights, first_weights, sizeof second_weights);
    memcpy(out_back, first_weights, sizeof out_back);
    return NULL;
}

static void products(long count, int threads)
{
    if (set_threads != NULL)
        set_threads(threads);
    for (long c = 0; c < count; c++)
        for (int at = 0; at < SAMPLES; at += BATCH) {
            int n = SAMPLES - at < BATCH ? SAMPLES - at : BATCH;
            const double *x = pictures + (size_t)at * IN;
            gemm(ROW_MAJOR, NO, YES, n, MIDDLE, IN, 1, x, IN, first_weights, IN, 0, middle, MIDDLE);
            gemm(ROW_MAJOR, NO, YES, n, OUT, MIDDLE, 1, middle, MIDDLE, second_weights, MIDDLE, 0,
                 out, OUT);
            gemm(ROW_MAJOR, YES, NO, OUT, MIDDLE, n, 1, out_back, OUT, middle, MIDDLE, 0,
                 second_gradient, MIDDLE);
            gemm(ROW_MAJOR, NO, NO, n, MIDDLE, OUT, 1, out_back, OUT, second_weights, MIDDLE, 0,
                 back, MIDDLE);
            gemm(ROW_MAJOR, YES, NO, MIDDLE, IN, n, 1, back, MIDDLE, x, IN, 0, first_gradient, IN);
        }
}

static void run_products(long count)
{
    products(count, 1);
}

static void run_products_2(long count)
{
    products(count, 2);
}

/* --- A5: one evaluation of value and gradient; L-BFGS by liblbfgs ----------------------------- */

enum { CHAIN = 100, EXAMPLES = 10000, INPUTS = 50, WIDTH = 56 };

static double chain(const double *x, double *gradient)
{
    double t[CHAIN], loss = 0;
    for (int i = 0; i < CHAIN - 1; i++) {
        double u = 1 - x[i];
        t[i] = x[i + 1] - x[i] * x[i];
        gradient[i] = -400 * t[i] * x[i] - 2 * u;
        loss += 100 * t[i] * t[i] + u * u;
    }
    gradient[CHAIN - 1] = 0;
    for (int i = 0; i < CHAIN - 1; i++)
        gradient[i + 1] += 200 * t[i];
    return loss;
}

/* A row is 1, the 50 inputs and zeros. */
static double (*rows)[WIDTH], *answers;

static const char *prepare_rows(void)
{
    if (rows != NULL)
        return NULL;
    rows = aligned_alloc(64, sizeof *rows * EXAMPLES);
    answers = aligned_alloc(64, sizeof *answers * EXAMPLES);
    if (rows == NULL || answers == NULL)
        return "no memory";
    struct generator generator;
    generator_seed(&generator, 1);
    for (size_t i = 0; i < EXAMPLES; i++)
        for (int j = 0; j < WIDTH; j++)
            rows[i][j] = j == 0 ? 1 : j <= INPUTS ? generator_uniform(&generator) : 0;
    for (size_t i = 0; i < EXAMPLES; i++)
        answers[i] = generator_uniform(&generator) < 0.5;
    return NULL;
}

static double entropy(const double *phi_51, double *gradient)
{
    double padded[WIDTH] ALIGNED = {0}, z[LANES], e[LANES], l[LANES], loss = 0;
    vector weights[WIDTH / LANES], slope[WIDTH / LANES] = {0};
    memcpy(padded, phi_51, (INPUTS + 1) * sizeof *padded);
    for (int k = 0; k < WIDTH / LANES; k++)
        weights[k] = load(padded + LANES * k);
    for (size_t i = 0; i < EXAMPLES; i += LANES) {
        for (int r = 0; r < LANES; r++) {
            vector dot = all(0);
            for (int k = 0; k < WIDTH / LANES; k++)
                dot += weights[k] * load(rows[i + r] + LANES * k);
            z[r] = sum(dot);
        }
        for (int r = 0; r < LANES; r++) {
            l[r] = elementary_softplus(z[r]);
            e[r] = elementary_sigmoid(z[r]) - answers[i + r];
        }
        for (int r = 0; r < LANES; r++) {
            loss += l[r] - answers[i + r] * z[r];
            for (int k = 0; k < WIDTH / LANES; k++)
                slope[k] += e[r] * load(rows[i + r] + LANES * k);
        }
    }
    for (int k = 0; k < WIDTH / LANES; k++)
        store(padded + LANES * k, slope[k] / EXAMPLES);
    memcpy(gradient, padded, (INPUTS + 1) * sizeof *padded);
    return loss / EXAMPLES;
}

static void run_chain(long count)
{
    double x[CHAIN], gradient[CHAIN];
    for (int i = 0; i < CHAIN; i++)
        x[i] = i % 2 ? 1 : -1.2;
    for (long c = 0; c < count; c++) {
        x[0] = moving(c);
        sink = chain(x, gradient) + gradient[CHAIN / 2];
    }
}

static void run_entropy(long count)
{
    double x[INPUTS + 1] = {0}, gradient[INPUTS + 1];
    for (long c = 0; c < count; c++) {
        x[0] = moving(c);
        sink = entropy(x, gradient) + gradient[INPUTS];
    }
}

static double evaluations, place[CHAIN];

#if __has_include(<lbfgs.h>)
static int (*lbfgs_run)(int n, double *x, double *value, lbfgs_evaluate_t evaluate,
                        lbfgs_progress_t progress, void *instance, lbfgs_parameter_t *parameters);
static void (*lbfgs_defaults)(lbfgs_parameter_t *parameters);

static const char *prepare_lbfgs(void)
{
    static const char *const names[] = {"liblbfgs.so.0", "liblbfgs-1.10.so", "liblbfgs.so",
                                        "liblbfgs.dylib"};
    for (size_t i = 0; i < sizeof names / sizeof *names && lbfgs_run == NULL; i++) {
        void *library = dlopen(names[i], RTLD_NOW);
        if (library != NULL) {
            *(void **)&lbfgs_run = dlsym(library, "lbfgs");
            *(void **)&lbfgs_defaults = dlsym(library, "lbfgs_parameter_init");
        }
    }
    return lbfgs_run == NULL || lbfgs_defaults == NULL ? "liblbfgs is not installed"
                                                       : prepare_rows();
}

static double evaluate_either(void *instance, const double *x, double *gradient, const int n,
                              const double step)
{
    (void)instance, (void)step;
    evaluations++;
    return n == CHAIN ? chain(x, gradient) : entropy(x, gradient);
}

/* Until the gradient's norm is 1e-8; liblbfgs divides it by that of x, which is 10 at the end of
 * the chain and below 1 for the other. */
static void lbfgs_minimum(long count, int n, double epsilon)
{
    lbfgs_parameter_t parameters;
    lbfgs_defaults(&parameters);
    parameters.m = 10;
    parameters.epsilon = epsilon;
    for (long c = 0; c < count; c++) {
        double value;
        for (int i = 0; i < n; i++)
            place[i] = n != CHAIN ? 0 : i % 2 ? 1 : -1.2;
        evaluations = 0;
        lbfgs_run(n, place, &value, evaluate_either, NULL, NULL, &parameters);
    }
}
#else
static const char *prepare_lbfgs(void)
{
    return "lbfgs.h is not installed";
}

static void lbfgs_minimum(long count, int n, double epsilon)
{
    (void)count, (void)n, (void)epsilon;
}
#endif

static void run_minimum_rosenbrock(long count)
{
    lbfgs_minimum(count, CHAIN, 1e-9);
}

static void run_minimum_logistic(long count)
{
    lbfgs_minimum(count, INPUTS + 1, 1e-8);
}

static size_t value_minimum_rosenbrock(double values[VALUES])
{
    run_minimum_rosenbrock(1);
    memcpy(values, place, 3 * sizeof *place);
    return 3;
}

static size_t value_minimum_logistic(double values[VALUES])
{
    run_minimum_logistic(1);
    memcpy(values, place, 3 * sizeof *place);
    return 3;
}

static const struct peer_case cases[] = {
    {"linear_gd", prepare_small, run_linear_gd, value_linear_gd, NULL},
    {"linear_adam", prepare_small, run_linear_adam, value_linear_adam, NULL},
    {"gabor_gd", prepare_small, run_gabor_gd, value_gabor_gd, NULL},
    {"gabor_adam", prepare_small, run_gabor_adam, value_gabor_adam, NULL},
    {"gabor_sgd", prepare_small, run_gabor_sgd, value_gabor_sgd, NULL},
    {"gabor_search", prepare_small, run_gabor_search, value_gabor_search, NULL},
    {"surface", prepare_small, run_surface, value_surface, NULL},
    {"surface_2", prepare_small, run_surface_2, NULL, NULL},
    {"read", prepare_table, run_read, NULL, NULL},
    {"read_2", prepare_table, run_read_2, NULL, NULL},
    {"gabor_large", prepare_many, run_gabor_large, value_gabor_large, NULL},
    {"gabor_large_2", prepare_many, run_gabor_large_2, NULL, NULL},
    {"gradient_30", prepare_gradients, run_gradient_30, NULL, NULL},
    {"gradient_1000", prepare_gradients, run_gradient_1000, NULL, NULL},
    {"net_30", prepare_gradients, run_net_30, value_net, NULL},
    {"net_1000", prepare_gradients, run_net_1000, NULL, NULL},
    {"net_large", prepare_gradients, run_net_large, NULL, NULL},
    {"products", prepare_products, run_products, NULL, NULL},
    {"products_2", prepare_products, run_products_2, NULL, NULL},
    {"chain", NULL, run_chain, NULL, NULL},
    {"entropy", prepare_rows, run_entropy, NULL, NULL},
    {"minimum_rosenbrock", prepare_lbfgs, run_minimum_rosenbrock, value_minimum_rosenbrock,
     &evaluations},
    {"minimum_logistic", prepare_lbfgs, run_minimum_logistic, value_minimum_logistic, &evaluations},
};

int main(void)
{
    return peer_serve(cases, sizeof cases / sizeof *cases);
}
