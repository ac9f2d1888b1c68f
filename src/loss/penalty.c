/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "loss/penalty.h"

#include <string.h>

#include "base/memory.h"

#define X(name) extern const struct penalty_kind penalty_kind_##name;
#include "loss/penalty.def"
#undef X

const struct penalty_kind *const penalty_kinds[] = {
#define X(name) &penalty_kind_##name,
#include "loss/penalty.def"
#undef X
};
const size_t penalty_kind_count = sizeof penalty_kinds / sizeof *penalty_kinds;

struct penalty *penalty_keep(struct penalty *penalty)
{
    penalty->references++;
    return penalty;
}

void penalty_release(struct penalty *penalty)
{
    if (!penalty || --penalty->references > 0)
        return;
    struct context *context = penalty->context;
    for (size_t i = 0; i < penalty->term_count; i++) {
        for (size_t k = 0; k < penalty->terms[i].name_count; k++)
            memory_free(context, penalty->terms[i].names[k]);
        memory_free(context, penalty->terms[i].names);
    }
    memory_free(context, penalty->terms);
    memory_free(context, penalty);
}

/* With room for `count` terms and none yet; NULL: no memory. */
static struct penalty *empty(struct context *context, size_t count, struct error *error)
{
    struct penalty *penalty = memory_allocate(context, 1, sizeof *penalty);
    if (penalty) {
        penalty->context = context;
        penalty->references = 1;
        penalty->terms = memory_allocate(context, count, sizeof *penalty->terms);
        if (penalty->terms)
            return penalty;
    }
    penalty_release(penalty);
    error_memory(error, "a penalty");
    return NULL;
}

/* Copies the term's names; what it could not copy is not counted. */
static enum status append(struct penalty *penalty, const struct penalty_term *term, double factor,
                          struct error *error)
{
    struct penalty_term *copy = &penalty->terms[penalty->term_count++];
    *copy = *term;
    copy->coefficient *= factor;
    copy->name_count = 0;
    copy->names = memory_allocate(penalty->context, term->name_count, sizeof *copy->names);
    if (!copy->names)
        return error_memory(error, "a penalty");
    for (size_t i = 0; i < term->name_count; i++) {
        copy->names[i] = memory_copy_text(penalty->context, term->names[i]);
        if (!copy->names[i])
            return error_memory(error, "a penalty");
        copy->name_count++;
    }
    return STATUS_OK;
}

static enum status append_all(struct penalty *penalty, const struct penalty *from, double factor,
                              struct error *error)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < from->term_count && status == STATUS_OK; i++)
        status = append(penalty, &from->terms[i], factor, error);
    return status;
}

static enum status finish(struct penalty *penalty, enum status status, struct penalty **result)
{
    if (status == STATUS_OK)
        *result = penalty;
    else
        penalty_release(penalty);
    return status;
}

enum status penalty_new(struct penalty **result, struct context *context,
                        const struct penalty_kind *kind, const double *arguments, bool except,
                        const char *const *names, size_t name_count, struct error *error)
{
    struct penalty *penalty = empty(context, 1, error);
    if (!penalty)
        return STATUS_MEMORY;
    struct penalty_term term = {.kind = kind, .coefficient = 1, .except = except,
                                .names = (char **)names, .name_count = name_count};
    for (size_t i = 0; i < kind->doc.argument_count; i++)
        term.arguments[i] = arguments ? arguments[i] : kind->doc.arguments[i].standard;
    return finish(penalty, append(penalty, &term, 1, error), result);
}

enum status penalty_scale(struct penalty **scaled, const struct penalty *penalty, double factor,
                          struct error *error)
{
    for (size_t i = 0; i < penalty->term_count && factor != 1; i++)
        if (!penalty->terms[i].kind->build)
            return error_set(error, STATUS_UNSUPPORTED, penalty->terms[i].kind->doc.name,
                             "it is a constraint and has no strength; write L + %s(c)",
                             penalty->terms[i].kind->doc.name);
    struct penalty *copy = empty(penalty->context, penalty->term_count, error);
    if (!copy)
        return STATUS_MEMORY;
    return finish(copy, append_all(copy, penalty, factor, error), scaled);
}

enum status penalty_add(struct penalty **sum, const struct penalty *a, const struct penalty *b,
                        struct error *error)
{
    struct penalty *both = empty(a->context, a->term_count + b->term_count, error);
    if (!both)
        return STATUS_MEMORY;
    enum status status = append_all(both, a, 1, error);
    if (status == STATUS_OK)
        status = append_all(both, b, 1, error);
    return finish(both, status, sum);
}

bool penalty_name_means(const char *name, const char *component)
{
    size_t length = strlen(name);
    return strncmp(component, name, length) == 0 &&
           (component[length] == '\0' || component[length] == '[');
}

bool penalty_selects(const struct penalty_term *term, const char *component)
{
    for (size_t i = 0; i < term->name_count; i++)
        if (penalty_name_means(term->names[i], component))
            return !term->except;
    return term->except || term->name_count == 0;
}
