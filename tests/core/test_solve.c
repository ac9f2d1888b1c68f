/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Closed forms against exact rational arithmetic and certified values. */
#include "machine.h"
#include "objectives.h"

#include "base/memory.h"

static struct objective_solution solution;

static struct objective *polynomial(double degree)
{
    return loss_made(
        "loss.least_squares", NULL,
        model_made("model.polynomial", &(struct model_source){.arguments = &degree}),
        data_named("line12"));
}

static struct penalty *ridge(double lambda, bool except, const char *parameter)
{
    struct penalty *one, *scaled;
    OK(penalty_new(&one, &context, penalty_named("penalty.l2"), NULL, except, &parameter,
                   parameter ? 1 : 0, &error));
    OK(penalty_scale(&scaled, one, lambda, &error));
    penalty_release(one);
    return scaled;
}

Test(solve, the_line_with_its_errors) /* A3, C3, C7 */
{
    context_init(&context);
    struct objective *L = polynomial(1);
    OK(objective_solve(L, &solution, &error));
    NEAR(solution.phi[0], 0.825950045138729, 1e-14);
    NEAR(solution.phi[1], 0.5222260699680326, 1e-14);
    NEAR(solution.loss, 0.199866357, 5e-10);
    cr_assert(solution.has_errors);
    cr_assert_eq(solution.count, 12);
    cr_assert_eq(solution.freedom, 10);
    NEAR(solution.variance_ml, 0.016655530, 5e-10);
    NEAR(sqrt(solution.variance_ml), 0.129056, 5e-7);
    NEAR(solution.log_likelihood, 7.542816, 5e-7);
    NEAR(solution.variance, 0.019987, 5e-7);
    NEAR(solution.errors[0], 0.07749826, 5e-9);
    NEAR(solution.errors[1], 0.06928861, 5e-9);
    /* (XᵀX)⁻¹ = [Σx², −Σx; −Σx, n]/det, half the Hessian's inverse */
    NEAR(solution.covariance[1], -0.0199866356934 * 11.41 / (12 * 15.0121 - 11.41 * 11.41), 1e-12);
    objective_solution_free(&solution);
    objective_release(L);
    nothing_left();
}

Test(solve, polynomials_to_the_last_degree) /* H2 */
{
    context_init(&context);
    const double degrees[] = {1, 2, 3, 9}, losses[] = {0.1998663569342496, 0.0908820415213755,
                                                       0.09045416835340997, 0.02884020206912788};
    for (int k = 0; k < 4; k++) {
        struct objective *L = polynomial(degrees[k]);
        OK(objective_solve(L, &solution, &error));
        NEAR(solution.loss, losses[k], 1e-11);
        objective_solution_free(&solution);
        objective_release(L);
    }
    /* Twelve numbers through twelve points: the normal equations would have lost all digits. */
    struct objective *L = polynomial(11);
    OK(objective_solve(L, &solution, &error));
    /* valgrind computes long double as double: some digits fewer in the refinement. */
    volatile long double one = 1, little = 1e-18L;
    bool wide = one + little != one;
    NEAR(solution.loss, 0, wide ? 1e-14 : 1e-8);
    NEAR(solution.phi[7], 312147.50443339243, wide ? 1e-4 : 1);
    cr_assert_eq(solution.freedom, 0);
    cr_assert(isnan(solution.variance));
    objective_solution_free(&solution);
    objective_release(L);
    L = polynomial(12);
    REFUSED(objective_solve(L, &solution, &error), STATUS_UNSUPPORTED, "not unique");
    objective_release(L);
    nothing_left();
}

Test(solve, leave_one_out) /* H2 */
{
    context_init(&context);
    const double degrees[] = {1, 2, 3, 9}, expected[] = {0.3075862490325231, 0.1449386209070835,
                                                         0.24109349156185528, 2973.6651469551803};
    for (int k = 0; k < 4; k++) {
        struct objective *L = polynomial(degrees[k]);
        struct dataset *data = data_named("line12");
        double sum = 0;
        for (size_t out = 0; out < 12; out++) {
            size_t rest[11], count = 0;
            for (size_t i = 0; i < 12; i++)
                if (i != out)
                    rest[count++] = i;
            struct dataset *others, *one;
            struct objective *without, *alone;
            OK(dataset_take(&others, data, rest, 11, &error));
            OK(dataset_take(&one, data, &out, 1, &error));
            OK(objective_with_data(&without, L, others, &error));
            OK(objective_with_data(&alone, L, one, &error));
            OK(objective_solve(without, &solution, &error));
            sum += value_of(alone, solution.phi);
            objective_solution_free(&solution);
            objective_release(without);
            objective_release(alone);
            dataset_release(others);
            dataset_release(one);
        }
        NEAR(sum, expected[k], 1e-7 * expected[k]);
        dataset_release(data);
        objective_release(L);
    }
    nothing_left();
}

Test(solve, longley_to_eleven_digits) /* certified by NIST's StRD; condition number 5·10⁹ */
{
    if (under_valgrind())
        cr_skip_test("valgrind has no long double");
    context_init(&context);
    static const double rows[16][7] = {
        {83.0, 234289, 2356, 1590, 107608, 1947, 60323},
        {88.5, 259426, 2325, 1456, 108632, 1948, 61122},
        {88.2, 258054, 3682, 1616, 109773, 1949, 60171},
        {89.5, 284599, 3351, 1650, 110929, 1950, 61187},
        {96.2, 328975, 2099, 3099, 112075, 1951, 63221},
        {98.1, 346999, 1932, 3594, 113270, 1952, 63639},
        {99.0, 365385, 1870, 3547, 115094, 1953, 64989},
        {100.0, 363112, 3578, 3350, 116219, 1954, 63761},
        {101.2, 397469, 2904, 3048, 117388, 1955, 66019},
        {104.6, 419180, 2822, 2857, 118734, 1956, 67857},
        {108.4, 442769, 2936, 2798, 120445, 1957, 68169},
        {110.8, 444546, 4681, 2637, 121950, 1958, 66513},
        {112.6, 482704, 3813, 2552, 123366, 1959, 68655},
        {114.2, 502601, 3931, 2514, 125368, 1960, 69564},
        {115.7, 518173, 4806, 2572, 127852, 1961, 69331},
        {116.9, 554894, 4007, 2827, 130081, 1962, 70551}};
    /* W, then b */
    static const double phi[] = {15.0618722713733,   -0.0358191792925910, -2.02022980381683,
                                 -1.03322686717359,  -0.0511041056535807, 1829.15146461355,
                                 -3482258.63459582};
    static const double errors[] = {84.9149257747669,  0.0334910077722432, 0.488399681651699,
                                    0.214274163161675, 0.226073200069370,  455.478499142212,
                                    890420.383607373};
    double x[16 * 6], y[16];
    for (int i = 0; i < 16; i++) {
        memcpy(x + 6 * i, rows[i], 6 * sizeof *x);
        y[i] = rows[i][6];
    }
    const double sizes[] = {6, 1};
    struct objective *L =
        loss_made("loss.mean_squares", NULL,
                  model_made("model.linear", &(struct model_source){.arguments = sizes}),
                  data_made(16, 6, x, 1, y));
    L = sum_made(0.5, L, 0, NULL, NULL);
    OK(objective_solve(L, &solution, &error));
    for (int j = 0; j < 7; j++) {
        NEAR(solution.phi[j], phi[j], 1e-11 * fabs(phi[j]));
        NEAR(solution.errors[j], errors[j], 1e-9 * errors[j]);
    }
    NEAR(sqrt(solution.variance), 304.854073561965, 1e-9);
    /* Predictions are sums of terms of 3.5·10⁶, each rounded to 5·10⁻¹⁰, times residuals of 300. */
    NEAR(solution.loss, solution.squares / 32, 1e-6);
    objective_solution_free(&solution);
    objective_release(L);
    nothing_left();
}

Test(solve, ridge_and_its_reading_as_a_prior) /* H4, X8 */
{
    context_init(&context);
    struct objective *L = sum_made(1, polynomial(1), 0, NULL, ridge(1, false, NULL));
    OK(objective_solve(L, &solution, &error));
    NEAR(solution.phi[0], 0.732752, 5e-7);
    NEAR(solution.phi[1], 0.556023, 5e-7);
    cr_assert(!solution.has_errors);
    objective_solution_free(&solution);
    objective_release(L);
    /* The curriculum prints 0.421081; exactly it is 0.42108007. */
    L = sum_made(1, polynomial(1), 0, NULL, ridge(1, true, "phi0"));
    OK(objective_solve(L, &solution, &error));
    NEAR(solution.phi[0], 0.92212303, 5e-9);
    NEAR(solution.phi[1], 0.42108007, 5e-9);
    objective_solution_free(&solution);
    objective_release(L);
    /* Prior N(0, τ²), noise σ²: λ = σ²/τ² beside the squares, 1/(2τ²) beside the likelihood. */
    const double sigma[] = {0.3}, tau = 0.7;
    struct objective *posterior = sum_made(
        1, loss_made("loss.gaussian", sigma, model_made("model.line", NULL), data_named("line12")),
        0, NULL, ridge(1 / (2 * tau * tau), false, NULL));
    L = sum_made(1, polynomial(1), 0, NULL, ridge(0.09 / (tau * tau), false, NULL));
    struct objective_solution other;
    OK(objective_solve(posterior, &solution, &error));
    OK(objective_solve(L, &other, &error));
    NEAR(solution.phi[0], other.phi[0], 1e-14);
    NEAR(solution.phi[1], other.phi[1], 1e-14);
    objective_solution_free(&solution);
    objective_solution_free(&other);
    objective_release(posterior);
    objective_release(L);
    /* Ridge makes what was not unique unique, with more parameters than examples too. */
    L = sum_made(1, polynomial(14), 0, NULL, ridge(1e-3, false, NULL));
    double value, gradient[15];
    OK(objective_solve(L, &solution, &error));
    OK(objective_gradient(L, solution.phi, NULL, &value, gradient, &error));
    for (int j = 0; j < 15; j++)
        NEAR(gradient[j], 0, 1e-7);
    objective_solution_free(&solution);
    objective_release(L);
    nothing_left();
}

Test(solve, each_output_has_its_own_variance) /* H1 */
{
    context_init(&context);
    struct dataset *line = data_named("line12");
    double y[24];
    for (int i = 0; i < 12; i++) {
        y[2 * i] = line->y[i];
        y[2 * i + 1] = 100 * line->x[i] * line->x[i];
    }
    const double two[] = {1, 2}, one[] = {1, 1};
    struct objective *both = loss_made(
        "loss.least_squares", NULL,
        model_made("model.linear", &(struct model_source){.arguments = two}),
        data_made(12, 1, line->x, 2, y));
    struct objective *first = loss_made(
        "loss.least_squares", NULL,
        model_made("model.linear", &(struct model_source){.arguments = one}), line);
    struct objective_solution alone;
    OK(objective_solve(both, &solution, &error));
    OK(objective_solve(first, &alone, &error));
    NEAR(solution.phi[0], alone.phi[0], 1e-13);
    NEAR(solution.phi[2], alone.phi[1], 1e-13);
    NEAR(solution.errors[0], alone.errors[0], 1e-13);
    NEAR(solution.errors[2], alone.errors[1], 1e-13);
    objective_solution_free(&solution);
    objective_solution_free(&alone);
    objective_release(both);
    objective_release(first);
    nothing_left();
}

Test(solve, what_is_no_quadratic_is_refused_in_words) /* C7, X9 */
{
    context_init(&context);
    static const struct {
        const char *model, *loss, *words;
    } rows[] = {
        {"model.gabor", "loss.least_squares", "second derivatives"},
        {"model.line", "loss.absolute", "through abs"},
        {"model.line", "loss.huber", "through"},
        {"model.shallow", "loss.least_squares", "through relu"},
        {"model.logistic", "loss.least_squares", "second derivatives"},
    };
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        struct objective *L =
            loss_made(rows[k].loss, NULL, model_made(rows[k].model, NULL), data_named("line12"));
        REFUSED(objective_solve(L, &solution, &error), STATUS_UNSUPPORTED, rows[k].words);
        objective_release(L);
    }
    struct objective *upside_down = sum_made(-1, polynomial(1), 0, NULL, NULL);
    REFUSED(objective_solve(upside_down, &solution, &error), STATUS_UNSUPPORTED, "no minimum");
    objective_release(upside_down);
    /* All x equal: XᵀX is singular. */
    const double x[] = {2, 2, 2}, y[] = {1, 2, 4};
    struct objective *L = loss_made("loss.least_squares", NULL, model_made("model.line", NULL),
                                    data_made(3, 1, x, 1, y));
    REFUSED(objective_solve(L, &solution, &error), STATUS_UNSUPPORTED, "XᵀX is singular");
    objective_release(L);
    nothing_left();
}

Test(solve, survives_every_failing_allocation)
{
    for (size_t fail = 1;; fail++) {
        context_init(&context);
        struct objective *plain = polynomial(2);
        struct objective *upper = sum_made(3, polynomial(2), -2, polynomial(2), NULL);
        size_t first = context.memory.requests;
        context.memory.fail_at = first + fail;
        enum status status = objective_solve(plain, &solution, &error);
        if (status == STATUS_OK) {
            objective_solution_free(&solution);
            status = objective_solve(upper, &solution, &error); /* by its Hessian */
        }
        bool all = context.memory.requests - first < fail;
        context.memory.fail_at = 0;
        if (status == STATUS_OK) {
            NEAR(solution.loss, 0.0908820415213755, 1e-11);
            objective_solution_free(&solution);
        }
        objective_release(plain);
        objective_release(upper);
        context_free(&context);
        cr_assert_eq(context.memory.live, 0, "leak when request %zu fails", fail);
        cr_assert_eq(status == STATUS_OK, all, "request %zu: %s", fail, error.text);
        if (all)
            break;
        cr_assert_lt(fail, 3000);
    }
}
