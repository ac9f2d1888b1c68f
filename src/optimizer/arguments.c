/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "optimizer/arguments.h"

#include <math.h>
#include <string.h>

static int choice_count(const char *choices)
{
    int count = 1;
    for (; *choices != '\0'; choices++)
        count += *choices == '|';
    return count;
}

static enum status check_choice(const struct argument *argument, double value, struct error *error)
{
    int count = argument->type == ARGUMENT_BOOLEAN ? 2 : choice_count(argument->choices);
    if (value == floor(value) && value >= 0 && value < count)
        return STATUS_OK;
    return error_set(error, STATUS_ARGUMENT, argument->name, "choice %g does not exist (%s)", value,
                     argument->type == ARGUMENT_BOOLEAN ? "false|true" : argument->choices);
}

static enum status check_number(const struct argument *argument, double value, struct error *error)
{
    const char *name = argument->name;
    bool absent = isnan(value) && isnan(argument->standard) && !argument->required;
    bool word = argument->choices != NULL && value == floor(value) && value < 0 &&
                -value <= choice_count(argument->choices);
    if (absent || word)
        return STATUS_OK;
    if (!isfinite(value))
        return error_set(error, STATUS_ARGUMENT, name, "%g is no finite number", value);
    if (argument->type == ARGUMENT_INTEGER && value != floor(value))
        return error_set(error, STATUS_ARGUMENT, name, "%g is no integer", value);
    if (argument->minimum == 0 && argument->maximum == 0)
        return STATUS_OK;
    if (argument->above ? value <= argument->minimum : value < argument->minimum)
        return error_set(error, STATUS_ARGUMENT, name, "%g is too small; it must be %s %g", value,
                         argument->above ? "above" : "at least", argument->minimum);
    if (argument->below ? value >= argument->maximum : value > argument->maximum)
        return error_set(error, STATUS_ARGUMENT, name, "%g is too large; it must be %s %g", value,
                         argument->below ? "below" : "at most", argument->maximum);
    return STATUS_OK;
}

enum status arguments_check(const struct doc *doc, const double *values, const void *const *skip,
                            struct error *error)
{
    for (size_t i = 0; i < doc->argument_count; i++) {
        const struct argument *argument = &doc->arguments[i];
        if (skip != NULL && skip[i] != NULL)
            continue;
        bool named = argument->type == ARGUMENT_CHOICE || argument->type == ARGUMENT_BOOLEAN;
        enum status status = named ? check_choice(argument, values[i], error)
                                   : check_number(argument, values[i], error);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

int arguments_find(const struct doc *doc, const char *name)
{
    for (size_t i = 0; i < doc->argument_count; i++)
        if (strcmp(doc->arguments[i].name, name) == 0)
            return (int)i;
    return -1;
}
