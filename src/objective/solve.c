/* SPDX-License-Identifier: GPL-3.0-or-later */
/* solve.c: the minimum in closed form. That a loss is a quadratic of φ is read off its graph: no
 * step or kink depends on φ, and the second derivatives do not contain it.
 *
 * Squares of a model on data, with ridge penalties, are solved by QR of the design matrix, which
 * keeps twice the digits that the normal equations leave; any other quadratic by its Hessian. */
#include <float.h>
#include <limits.h>
#include <math.h>
#include <string.h>

#include "array/array.h"
#include "array/linear_algebra.h"
#include "base/memory.h"
#include "objective/build_private.h"

/* --- is it a quadratic? --- */

static bool is_smooth(enum primitive primitive)
{
    switch (primitive) {
    case PRIMITIVE_ABS:
    case PRIMITIVE_SIGN:
    case PRIMITIVE_FLOOR:
    case PRIMITIVE_RELU:
    case PRIMITIVE_MINIMUM:
    case PRIMITIVE_MAXIMUM:
    case PRIMITIVE_GREATER:
    case PRIMITIVE_EQUAL: return false;
    default: return true;
    }
}

/* The name of a primitive with a kink or a step that φ goes through; NULL: there is none. */
static enum status find_kink(const struct built *built, const char **kink, struct error *error)
{
    const struct graph *graph = built->graph;
    unsigned char *marks = memory_allocate(built->base.context, (size_t)built->root + 1, 2);
    if (!marks)
        return error_memory(error, "a solution");
    unsigned char *varies = marks + built->root + 1;
    graph_mark_needed(graph, built->root, marks);
    *kink = NULL;
    for (node_id id = 0; id <= built->root && !*kink; id++) {
        if (!marks[id])
            continue;
        enum primitive primitive = graph_primitive(graph, id);
        varies[id] = primitive == PRIMITIVE_PARAMETER;
        for (int i = graph_argument_count(graph, id); i-- > 0;)
            varies[id] |= varies[graph_argument(graph, id, i)];
        if (varies[id] && !is_smooth(primitive))
            *kink = primitive_name(primitive);
    }
    memory_free(built->base.context, marks);
    return STATUS_OK;
}

static bool has_constraint(const struct built *built)
{
    for (size_t i = 0; built->penalty && i < built->penalty->term_count; i++)
        if (built->penalty->terms[i].kind->project)
            return true;
    for (size_t i = 0; i < built->term_count; i++)
        if (has_constraint(built_of(built->terms[i].objective)))
            return true;
    return false;
}

static enum status check_quadratic(struct built *built, struct error *error)
{
    const char *kink = NULL;
    enum status status = find_kink(built, &kink, error);
    if (status != STATUS_OK)
        return status;
    if (has_constraint(built))
        return error_set(error, STATUS_UNSUPPORTED, "solve",
                         "a constraint on the parameters leaves no closed form; use fit");
    if (kink)
        return error_set(error, STATUS_UNSUPPORTED, "solve",
                         "there is no closed form: the loss depends on the parameters through "
                         "%s; use fit", kink);
    status = built_need_product(built, error);
    if (status == STATUS_OK && !built->constant_hessian)
        status = error_set(error, STATUS_UNSUPPORTED, "solve",
                           "there is no closed form: the second derivatives of the loss depend on "
                           "the parameters; use fit");
    return status;
}

static enum status not_unique(struct error *error)
{
    return error_set(error, STATUS_UNSUPPORTED, "solve",
                     "the solution is not unique: XᵀX is singular, as some parameters can be "
                     "moved together without changing any prediction; add a penalty such as "
                     "1e-6*penalty.l2, or take parameters out");
}

/* --- least squares --- */

/* Rows of A·φ ≈ b, column-major. Rows of examples come first, output by output. */
struct design {
    struct context *context;
    size_t rows, columns, used;
    double *a, *b;
    size_t blocks;  /* of examples */
    size_t outputs; /* of the block, where there is only one */
    bool ridge;
};

static void free_design(struct design *design)
{
    memory_free(design->context, design->a);
    memory_free(design->context, design->b);
}

/* Counts the rows; false: the loss is no sum of squares with positive factors. */
static bool count_rows(const struct built *built, double factor, struct design *design)
{
    if (!(factor >= 0) || built->base.size != design->columns)
        return false;
    for (size_t i = 0; i < built->term_count; i++)
        if (!count_rows(built_of(built->terms[i].objective),
                        factor * built->terms[i].coefficient, design))
            return false;
    for (size_t i = 0; built->penalty && i < built->penalty->term_count; i++) {
        const struct penalty_term *term = &built->penalty->terms[i];
        if (!term->kind->square || !(term->coefficient >= 0))
            return false;
        design->rows += design->columns;
        design->ridge = true;
    }
    if (built->term_count > 0)
        return true;
    if (!built->kind || !built->kind->square || built->model->spreads > 0)
        return false;
    design->outputs = built->data->outputs;
    design->rows += built->data->examples * built->data->outputs;
    design->blocks++;
    return true;
}

static double root_of_weight(const struct dataset *data, size_t example)
{
    return data->weights ? sqrt(data->weights[example]) : 1;
}

/* A column is what φ's component adds to the prediction at φ = 0; exact, as that is linear. Rows of
 * an example with a weight are multiplied by its root. */
static enum status fill_examples(struct built *built, double weight, struct design *design,
                                 struct error *error)
{
    const struct dataset *data = built->data;
    size_t outputs = data->outputs, examples = data->examples, count = examples * outputs;
    struct context *context = design->context;
    double *phi = memory_allocate(context, design->columns, sizeof *phi);
    double *zero = memory_allocate(context, count, sizeof *zero);
    double *f = memory_allocate(context, count, sizeof *f);
    enum status status = STATUS_OK;
    if (!phi || !zero || !f)
        status = error_memory(error, "a solution");
    if (status == STATUS_OK)
        status = model_predict(built->model, data->x, examples, (int)data->inputs, phi, zero,
                               error);
    for (size_t i = 0; i < examples && status == STATUS_OK; i++)
        for (size_t k = 0; k < outputs; k++)
            design->b[design->used + k * examples + i] =
                weight * root_of_weight(data, i) *
                (data->y[i * outputs + k] - zero[i * outputs + k]);
    for (size_t j = 0; j < design->columns && status == STATUS_OK; j++) {
        double *column = design->a + j * design->rows + design->used;
        phi[j] = 1;
        status = model_predict(built->model, data->x, examples, (int)data->inputs, phi, f, error);
        phi[j] = 0;
        for (size_t i = 0; i < examples; i++)
            for (size_t k = 0; k < outputs; k++)
                column[k * examples + i] =
                    weight * root_of_weight(data, i) * (f[i * outputs + k] - zero[i * outputs + k]);
    }
    design->used += count;
    memory_free(context, phi);
    memory_free(context, zero);
    memory_free(context, f);
    return status;
}

static void fill_ridge(const struct built *built, const struct penalty_term *term, double factor,
                       struct design *design)
{
    for (size_t place = 0; place < design->columns; place++)
        if (penalty_selects(term, built->layout->components[place]))
            design->a[place * design->rows + design->used + place] =
                sqrt(factor * term->coefficient);
    design->used += design->columns;
}

static enum status fill_rows(struct built *built, double factor, struct design *design,
                             struct error *error)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < built->term_count && status == STATUS_OK; i++)
        status = fill_rows(built_of(built->terms[i].objective),
                           factor * built->terms[i].coefficient, design, error);
    for (size_t i = 0; built->penalty && i < built->penalty->term_count; i++)
        fill_ridge(built, &built->penalty->terms[i], factor, design);
    if (status != STATUS_OK || built->term_count > 0)
        return status;
    factor *= built->kind->square(built->arguments);
    if (built->mean)
        factor /= dataset_weight(built->data);
    return fill_examples(built, sqrt(factor), design, error);
}

/* One QR solution of a·x ≈ b; both are overwritten, a by R in its upper triangle. */
static enum status least_squares(const struct linear_algebra *routines, size_t rows,
                                 size_t columns, double *a, double *b, struct context *context,
                                 struct error *error)
{
    int m = (int)rows, n = (int)columns, one = 1, length = -1, info = 0;
    double wanted = 0;
    routines->gels("N", &m, &n, &one, a, &m, b, &m, &wanted, &length, &info, 1);
    length = (int)wanted;
    double *work = memory_allocate(context, (size_t)length, sizeof *work);
    if (!work)
        return error_memory(error, "a solution");
    routines->gels("N", &m, &n, &one, a, &m, b, &m, work, &length, &info, 1);
    memory_free(context, work);
    return info > 0 ? not_unique(error) : STATUS_OK;
}

static enum status find_condition(const struct linear_algebra *routines, size_t rows,
                                  size_t columns, const double *r, double *condition,
                                  struct context *context, struct error *error)
{
    int n = (int)columns, m = (int)rows, info = 0;
    double reciprocal = 0;
    double *work = memory_allocate(context, 3 * columns, sizeof *work);
    int *iwork = memory_allocate(context, columns, sizeof *iwork);
    if (work && iwork)
        routines->trcon("1", "U", "N", &n, r, &m, &reciprocal, work, iwork, &info, 1, 1, 1);
    else
        error_memory(error, "a solution");
    bool done = work && iwork;
    memory_free(context, work);
    memory_free(context, iwork);
    *condition = 1 / reciprocal;
    return done ? STATUS_OK : STATUS_MEMORY;
}

/* Columns to norm 1, with their old norms in `scale`; a column of zeros is refused. */
static bool scale_columns(struct design *design, double *scale)
{
    for (size_t j = 0; j < design->columns; j++) {
        double *column = design->a + j * design->rows, sum = 0;
        for (size_t i = 0; i < design->rows; i++)
            sum += column[i] * column[i];
        scale[j] = sqrt(sum);
        if (!(scale[j] > 0) || !isfinite(scale[j]))
            return false;
        for (size_t i = 0; i < design->rows; i++)
            column[i] /= scale[j];
    }
    return true;
}

/* b − a·x, with the products added up in higher precision where the machine has one. */
static void residual(const struct design *design, const double *x, double *result)
{
    for (size_t i = 0; i < design->rows; i++) {
        long double sum = design->b[i];
        for (size_t j = 0; j < design->columns; j++)
            sum -= (long double)design->a[j * design->rows + i] * x[j];
        result[i] = (double)sum;
    }
}

/* Solves twice: what the first solution leaves is solved again. r gets R of the scaled columns. */
static enum status solve_design(struct design *design, double *scale, double *r, double *rest,
                                double *x, double *condition, struct error *error)
{
    const struct linear_algebra *routines = linear_algebra_open(design->context, error);
    if (!routines)
        return error != NULL ? error->status : STATUS_UNSUPPORTED;
    size_t rows = design->rows, columns = design->columns;
    if (rows < columns || !scale_columns(design, scale))
        return not_unique(error);
    memset(x, 0, columns * sizeof *x);
    for (int round = 0; round < 2; round++) {
        memcpy(r, design->a, rows * columns * sizeof *r);
        residual(design, x, rest);
        enum status status =
            least_squares(routines, rows, columns, r, rest, design->context, error);
        if (status == STATUS_OK && round == 0)
            status = find_condition(routines, rows, columns, r, condition, design->context, error);
        if (status != STATUS_OK)
            return status;
        if (!(*condition < 1 / DBL_EPSILON))
            return not_unique(error);
        for (size_t j = 0; j < columns; j++)
            x[j] += rest[j];
    }
    return STATUS_OK;
}

/* (RᵀR)⁻¹ of the unscaled columns into `inverse`. */
static void invert(const double *r, size_t rows, size_t columns, const double *scale,
                   double *triangle, double *inverse)
{
    memset(triangle, 0, columns * columns * sizeof *triangle);
    for (size_t j = 0; j < columns; j++) { /* R·t = e_j, from below */
        double *t = triangle + j * columns;
        t[j] = 1 / r[j * rows + j];
        for (size_t i = j; i-- > 0;) {
            double sum = 0;
            for (size_t k = i + 1; k <= j; k++)
                sum += r[k * rows + i] * t[k];
            t[i] = -sum / r[i * rows + i];
        }
    }
    for (size_t i = 0; i < columns; i++)
        for (size_t j = i; j < columns; j++) {
            double sum = 0;
            for (size_t k = j; k < columns; k++)
                sum += triangle[k * columns + i] * triangle[k * columns + j];
            inverse[i * columns + j] = inverse[j * columns + i] = sum / (scale[i] * scale[j]);
        }
}

/* The output that the parameter is about; `outputs` where it is about several. */
static size_t output_of(const struct design *design, size_t examples, size_t parameter)
{
    size_t found = design->outputs;
    for (size_t k = 0; k < design->outputs; k++)
        for (size_t i = 0; i < examples; i++)
            if (design->a[parameter * design->rows + k * examples + i] != 0) {
                if (found != design->outputs && found != k)
                    return design->outputs;
                found = k;
                break;
            }
    return found;
}

/* Each output has a variance of its own, from its residuals and its parameters. An example of
 * weight w is one whose variance is σ²/w; those of weight 0 do not count. */
static enum status estimate(const struct design *design, const struct dataset *data,
                            const double *rest, double factor, struct objective_solution *solution,
                            struct error *error)
{
    size_t outputs = design->outputs, columns = design->columns;
    size_t examples = design->rows / outputs, counted = 0;
    double logarithms = 0;
    for (size_t i = 0; i < examples; i++) {
        double root = root_of_weight(data, i);
        counted += root > 0;
        logarithms += root > 0 ? log(root) : 0;
    }
    if (counted * outputs < columns)
        return error_set(error, STATUS_UNSUPPORTED, "solve",
                         "only %zu example%s a weight above 0, too few for %zu parameters", counted,
                         counted == 1 ? " has" : "s have", columns);
    double *squares = memory_allocate(design->context, 2 * outputs + 2, sizeof *squares);
    if (!squares)
        return error_memory(error, "a solution");
    double *parameters = squares + outputs + 1; /* the last of each: all outputs together */
    for (size_t k = 0; k < outputs; k++) {
        for (size_t i = 0; i < examples; i++)
            squares[k] += rest[k * examples + i] * rest[k * examples + i] / factor;
        squares[outputs] += squares[k];
    }
    parameters[outputs] = (double)columns;
    bool apart = true;
    for (size_t j = 0; j < columns; j++) {
        size_t output = output_of(design, examples, j);
        apart = apart && output < outputs;
        if (output < outputs)
            parameters[output]++;
    }
    double n = (double)(counted * outputs);
    solution->has_errors = true;
    solution->count = counted * outputs;
    solution->freedom = solution->count - columns;
    solution->squares = squares[outputs];
    solution->variance_ml = squares[outputs] / n;
    solution->variance = solution->freedom > 0 ? squares[outputs] / (n - (double)columns) : NAN;
    solution->log_likelihood =
        -n / 2 * (log(2 * 3.14159265358979323846 * solution->variance_ml) + 1) +
        (double)outputs * logarithms;
    for (size_t i = 0; i < columns; i++)
        for (size_t j = 0; j < columns; j++) {
            size_t k = apart ? output_of(design, examples, i) : outputs;
            double freedom = (k < outputs ? (double)counted : n) - parameters[k];
            double *covariance = &solution->covariance[i * columns + j];
            *covariance = freedom > 0 ? *covariance * squares[k] / freedom : NAN;
            if (i == j)
                solution->errors[i] = sqrt(*covariance);
        }
    memory_free(design->context, squares);
    return STATUS_OK;
}

static enum status solve_squares(struct built *built, struct design *design,
                                 struct objective_solution *solution, struct error *error)
{
    struct context *context = design->context;
    size_t rows = design->rows, columns = design->columns;
    design->a = memory_allocate(context, rows * columns, sizeof(double));
    design->b = memory_allocate(context, rows, sizeof(double));
    double *r = memory_allocate(context, rows * columns, sizeof *r);
    double *rest = memory_allocate(context, rows, sizeof *rest);
    double *scale = memory_allocate(context, columns, sizeof *scale);
    double *triangle = memory_allocate(context, columns * columns, sizeof *triangle);
    enum status status = STATUS_OK;
    if (!design->a || !design->b || !r || !rest || !scale || !triangle)
        status = error_memory(error, "a solution");
    if (status == STATUS_OK)
        status = fill_rows(built, 1, design, error);
    if (status == STATUS_OK)
        status = solve_design(design, scale, r, rest, solution->phi, &solution->condition, error);
    if (status == STATUS_OK && design->blocks == 1 && !design->ridge) {
        /* ℓ = c·‖f − y‖²: the rows were multiplied by √c. */
        double factor = 0;
        residual(design, solution->phi, rest);
        invert(r, rows, columns, scale, triangle, solution->covariance);
        for (const struct built *term = built; factor == 0;) {
            if (term->term_count == 0)
                factor = term->kind->square(term->arguments) /
                         (term->mean ? dataset_weight(term->data) : 1);
            else
                term = built_of(term->terms[0].objective);
        }
        for (const struct built *term = built; term->term_count > 0;
             term = built_of(term->terms[0].objective))
            factor *= term->terms[0].coefficient;
        for (size_t i = 0; i < columns * columns; i++)
            solution->covariance[i] *= factor;
        status = estimate(design, built->data, rest, factor, solution, error);
    }
    for (size_t j = 0; j < columns && status == STATUS_OK; j++)
        solution->phi[j] /= scale[j];
    memory_free(context, r);
    memory_free(context, rest);
    memory_free(context, scale);
    memory_free(context, triangle);
    return status;
}

/* --- any quadratic: one Newton step from 0, and one more for its rounding --- */

static enum status solve_hessian(struct objective *objective, struct objective_solution *solution,
                                 struct error *error)
{
    size_t size = objective_size(objective);
    struct array hessian, gradient = {0}, values = {0}, step = {0};
    double value;
    enum status status =
        array_init(&hessian, solution->context, 2, size, size, error);
    if (status == STATUS_OK)
        status = array_init(&gradient, solution->context, 1, size, 1, error);
    memset(solution->phi, 0, size * sizeof *solution->phi);
    if (status == STATUS_OK)
        status = objective_hessian(objective, solution->phi, NULL, hessian.data, error);
    if (status == STATUS_OK)
        status = array_eigenvalues(&values, &hessian, error);
    if (status == STATUS_OK) {
        double least = values.data[0], most = values.data[size - 1];
        if (!(most > 0) || least < -1e-9 * fabs(most))
            status = error_set(error, STATUS_UNSUPPORTED, "solve",
                               "the loss has no minimum: the smallest eigenvalue of its Hessian "
                               "is %.6g", least);
        else if (least < 1e-14 * most)
            status = not_unique(error);
    }
    for (int round = 0; round < 2 && status == STATUS_OK; round++) {
        status = objective_gradient(objective, solution->phi, NULL, &value, gradient.data, error);
        if (status == STATUS_OK)
            status = array_solve(&step, &hessian, &gradient, &solution->condition, error);
        for (size_t j = 0; j < size && status == STATUS_OK; j++)
            solution->phi[j] -= step.data[j];
        array_free(&step);
        step = (struct array){0};
    }
    array_free(&hessian);
    array_free(&gradient);
    array_free(&values);
    return status;
}

/* --- both --- */

/* That the design matrix says the same as the graph: at its solution the gradient vanishes, to a
 * millionth of what it is at 0. */
static enum status check_minimum(struct objective *objective, const double *phi, bool *minimum,
                                 struct error *error)
{
    size_t size = objective_size(objective);
    struct context *context = objective_context(objective);
    double *gradient = memory_allocate(context, 2 * size, sizeof *gradient);
    if (!gradient)
        return error_memory(error, "a solution");
    double value, rest = 0, most = 0, *zero = gradient + size;
    enum status status = objective_gradient(objective, zero, NULL, &value, gradient, error);
    for (size_t j = 0; j < size; j++)
        most = fmax(most, fabs(gradient[j]));
    if (status == STATUS_OK)
        status = objective_gradient(objective, phi, NULL, &value, gradient, error);
    for (size_t j = 0; j < size; j++)
        rest = fmax(rest, fabs(gradient[j]));
    memory_free(context, gradient);
    *minimum = rest <= 1e-6 * most;
    return status;
}

void objective_solution_free(struct objective_solution *solution)
{
    memory_free(solution->context, solution->phi);
    memory_free(solution->context, solution->errors);
    memory_free(solution->context, solution->covariance);
    *solution = (struct objective_solution){0};
}

enum status objective_solve(struct objective *objective, struct objective_solution *solution,
                            struct error *error)
{
    enum { MOST_NUMBERS = 1 << 27 }; /* of a design matrix: 1 GB */
    *solution = (struct objective_solution){.context = objective_context(objective)};
    if (!built_is(objective))
        return error_set(error, STATUS_UNSUPPORTED, "solve", "this loss has no closed form");
    struct built *built = built_of(objective);
    size_t size = built->base.size;
    enum status status = check_quadratic(built, error);
    if (status != STATUS_OK)
        return status;
    solution->phi = memory_allocate(solution->context, size, sizeof(double));
    solution->errors = memory_allocate(solution->context, size, sizeof(double));
    solution->covariance = memory_allocate(solution->context, size * size, sizeof(double));
    if (!solution->phi || !solution->errors || !solution->covariance)
        status = error_memory(error, "a solution");
    struct design design = {.context = solution->context, .columns = size};
    bool squares = status == STATUS_OK && count_rows(built, 1, &design) &&
                   design.rows <= INT_MAX && design.rows <= MOST_NUMBERS / size;
    if (status == STATUS_OK && squares)
        status = solve_squares(built, &design, solution, error);
    free_design(&design);
    if (status == STATUS_OK && squares)
        status = check_minimum(objective, solution->phi, &squares, error);
    if (status == STATUS_OK && !squares) {
        solution->has_errors = false;
        status = solve_hessian(objective, solution, error);
    }
    if (status == STATUS_OK)
        status = objective_value(objective, solution->phi, NULL, &solution->loss, error);
    if (status != STATUS_OK)
        objective_solution_free(solution);
    return status;
}
