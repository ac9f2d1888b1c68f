/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/memory.h"
#include "model/model.h"

enum { K, DATA };

static enum status open(struct model *model, struct error *error)
{
    const struct dataset *data = model->data;
    if (data->outputs == 0)
        return error_set(error, STATUS_SHAPE, "d", "the data set %s has no y to predict",
                         data->name);
    if (model->arguments[K] > (double)data->examples)
        return error_set(error, STATUS_ARGUMENT, "k",
                         "%.0f neighbours cannot be found among the %zu examples of %s",
                         model->arguments[K], data->examples, data->name);
    model->inputs = (int)data->inputs;
    model->outputs = (int)data->outputs;
    return STATUS_OK;
}

struct neighbour {
    double distance; /* squared */
    size_t example;
};

/* The k nearest of x, nearest first; of two at the same distance the earlier example. */
static void find(const struct dataset *data, const double *x, size_t k, struct neighbour *found)
{
    size_t count = 0;
    for (size_t i = 0; i < data->examples; i++) {
        const double *row = data->x + i * data->inputs;
        double distance = 0;
        for (size_t j = 0; j < data->inputs; j++)
            distance += (x[j] - row[j]) * (x[j] - row[j]);
        if (count == k && !(distance < found[k - 1].distance))
            continue;
        size_t place = count < k ? count++ : k - 1;
        for (; place > 0 && distance < found[place - 1].distance; place--)
            found[place] = found[place - 1];
        found[place] = (struct neighbour){distance, i};
    }
}

/* The class that most of them have, of several the first. */
static double majority(const struct dataset *data, const struct neighbour *found, size_t k,
                       size_t *votes)
{
    for (size_t c = 0; c < data->classes; c++)
        votes[c] = 0;
    size_t best = 0;
    for (size_t i = 0; i < k; i++)
        votes[(size_t)data->y[found[i].example] - 1]++;
    for (size_t c = 1; c < data->classes; c++)
        if (votes[c] > votes[best])
            best = c;
    return (double)best + 1;
}

static enum status predict(const struct model *model, const double *x, size_t count,
                           double *predictions, struct error *error)
{
    const struct dataset *data = model->data;
    size_t k = (size_t)model->arguments[K], outputs = data->outputs;
    struct neighbour *found = memory_allocate(model->context, k, sizeof *found);
    size_t *votes = memory_allocate(model->context, data->classes, sizeof *votes);
    enum status status = STATUS_OK;
    if (!found || !votes)
        status = error_memory(error, "a prediction");
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        if (context_take_interrupt(model->context)) {
            status = error_set(error, STATUS_INTERRUPTED, "", "interrupted");
            break;
        }
        find(data, x + i * data->inputs, k, found);
        if (data->classes > 0) {
            predictions[i] = majority(data, found, k, votes);
            continue;
        }
        for (size_t j = 0; j < outputs; j++) {
            double sum = 0;
            for (size_t n = 0; n < k; n++)
                sum += data->y[found[n].example * outputs + j];
            predictions[i * outputs + j] = sum / (double)k;
        }
    }
    memory_free(model->context, found);
    memory_free(model->context, votes);
    return status;
}

static const struct argument arguments[] = {
    [K] = {.name = "k", .type = ARGUMENT_INTEGER, .required = true, .minimum = 1, .maximum = 1e9,
           .summary = "how many neighbours are asked"},
    [DATA] = {.name = "d", .type = ARGUMENT_VALUE, .type_name = "data set", .required = true,
              .summary = "the examples that are remembered"},
};

const struct model_kind model_kind_nearest = {
    .doc = {.name = "model.nearest",
            .signature = "model.nearest(k, d)",
            .summary = "The k nearest examples decide: by majority where y is a class (of several "
                       "the first), else by the mean of their y.",
            DOC_ARGUMENTS(arguments),
            .returns = "a model without parameters: m(x) predicts, and there is nothing to fit",
            .errors = "more neighbours than examples",
            .equation = "f[x] = (1/k)·Σ yᵢ over the k examples with the smallest ‖xᵢ − x‖",
            .source = "Cover and Hart, Nearest neighbor pattern classification, 1967",
            .example = "m = model.nearest(2, data.line12)\nprint(m({0.1, 1.2}))",
            .result = "0.76  1.42"},
    .required = 2,
    .open = open,
    .predict = predict,
};
