/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "model/model.h"

static enum status check_part(const struct model *part, const char *name, struct error *error)
{
    if (!part->kind->build)
        return error_set(error, STATUS_ARGUMENT, name, "%s has no parameters to fit",
                         part->kind->doc.name);
    if (part->spreads > 0)
        return error_set(error, STATUS_ARGUMENT, name, "this model puts out a σ of its own");
    return STATUS_OK;
}

static enum status add_parameters(struct model *model, const struct model *part,
                                  const char *prefix, struct error *error)
{
    enum status status = STATUS_OK;
    for (int i = 0; i < part->parameter_count && status == STATUS_OK; i++) {
        const struct parameter *parameter = &part->parameters[i];
        char name[96];
        snprintf(name, sizeof name, "%s%s", prefix, parameter->name);
        status = model_add_parameter(model, name, parameter->shape.rows, parameter->shape.cols,
                                     parameter->start, error);
    }
    return status;
}

static enum status open(struct model *model, struct error *error)
{
    const struct model *m = model->parts[0], *s = model->parts[1];
    enum status status = check_part(m, "m", error);
    if (status == STATUS_OK && s)
        status = check_part(s, "s", error);
    if (status != STATUS_OK)
        return status;
    if (s && m->inputs && s->inputs && m->inputs != s->inputs)
        return error_set(error, STATUS_SHAPE, "s",
                         "the model of σ takes %d input column%s and that of μ takes %d", s->inputs,
                         s->inputs == 1 ? "" : "s", m->inputs);
    if (s && s->outputs > 1 && m->outputs && s->outputs != m->outputs)
        return error_set(error, STATUS_SHAPE, "s",
                         "the model of σ has %d outputs; give it one, or the %d of μ", s->outputs,
                         m->outputs);
    model->inputs = m->inputs ? m->inputs : s ? s->inputs : 0;
    model->spreads = s ? s->outputs : 1;
    model->outputs = m->outputs && model->spreads ? m->outputs + model->spreads : 0;
    status = add_parameters(model, m, "", error);
    if (status != STATUS_OK)
        return status;
    return s ? add_parameters(model, s, "sigma_", error)
             : model_add_parameter(model, "log_sigma", 1, 1, START_ZERO, error);
}

static node_id build(const struct model *model, struct graph *graph, node_id x,
                     const node_id *parameters)
{
    const struct model *m = model->parts[0], *s = model->parts[1];
    node_id outputs[2];
    outputs[0] = m->kind->build(m, graph, x, parameters);
    outputs[1] = parameters[m->parameter_count];
    if (s)
        outputs[1] = s->kind->build(s, graph, x, parameters + m->parameter_count);
    return graph_concat(graph, outputs, 2);
}

static const struct argument arguments[] = {
    {.name = "m", .symbol = "μ", .type = ARGUMENT_VALUE, .type_name = "model", .required = true,
     .summary = "the model of the mean"},
    {.name = "s", .symbol = "s", .type = ARGUMENT_VALUE, .type_name = "model",
     .default_text = "one parameter, log_sigma",
     .summary = "the model of log σ, where it varies with x"},
};

static void fitting(const struct model *model, int width, char *text, size_t size)
{
    const struct model *mean = model->parts[0];
    if (mean->kind->fitting)
        mean->kind->fitting(mean, width, text, size);
}

const struct model_kind model_kind_gaussian = {
    .doc = {.name = "model.gaussian",
            .signature = "model.gaussian(m[, s])",
            .summary = "A normal distribution about a model: it puts out μ, then log σ.",
            DOC_ARGUMENTS(arguments),
            .returns = "a model for loss.gaussian; its parameters are those of m, then log_sigma, "
                       "or those of s with sigma_ before their names",
            .errors = "models whose inputs or outputs do not fit each other",
            .equation = "y ~ N(μ, σ²),  f[x, φ] = (μ, log σ) = (m[x], s[x])",
            .source = "Bishop, Pattern Recognition and Machine Learning, 2006, section 5.6",
            .example = "m = model.gaussian(model.line)\n"
                       "print(m({1, 2}, {phi0 = 0, phi1 = 3, log_sigma = 0.5}))",
            .result = "3  0.5\n6  0.5"},
    .required = 1,
    .fitting = fitting,
    .open = open,
    .build = build,
};
