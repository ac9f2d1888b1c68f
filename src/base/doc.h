/* SPDX-License-Identifier: GPL-3.0-or-later */
/* doc.h: the documentation record. It is data that also runs: the argument table that help prints
 * is the one that parses a call, so what is documented is what is enforced.
 *
 * Plain constants: no functions, no Lua. Strings are UTF-8; equations use the courses' symbols.
 */
#ifndef DESCENT_BASE_DOC_H
#define DESCENT_BASE_DOC_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

enum argument_type {
    ARGUMENT_NUMBER,  /* a finite number in [minimum, maximum]; or, where that is not negative, one
                         of the words of `choices`, parsed to −1 − its position */
    ARGUMENT_INTEGER, /* an integer or an integer-valued float in [minimum, maximum] */
    ARGUMENT_BOOLEAN, /* true or false; parsed to 1 or 0 */
    ARGUMENT_CHOICE,  /* one of `choices`, "a|b|c"; parsed to its position from 0 */
    ARGUMENT_RATE,    /* a number, or a schedule of (t, epoch) */
    ARGUMENT_TEXT,    /* a string */
    ARGUMENT_ARRAY,   /* an array or a table of numbers; `shape` says which */
    ARGUMENT_VALUE,   /* any other Lua value; `type_name` names it (loss, run, function, ...) */
};

struct argument {
    const char *name;   /* as typed: "alpha" */
    const char *symbol; /* as read: "α"; NULL: the name */
    enum argument_type type;
    const char *type_name; /* ARGUMENT_VALUE: what is expected, in words */
    const char *shape;     /* ARGUMENT_ARRAY: "P", "I×d"; else NULL */
    const char *unit;      /* NULL: a pure number */
    bool required;
    double standard;          /* default of the numeric types, booleans and choices */
    const char *default_text; /* how the default reads where a number does not say it; or NULL */
    double minimum, maximum;  /* of numbers; both 0: no limits */
    bool above, below;        /* true: the minimum, maximum itself is excluded */
    const char *choices;      /* ARGUMENT_CHOICE: "average|velocity|sum"; of a number: words */
    const char *summary;
};

struct doc {
    const char *name;      /* as reached from Lua: "optim.adam", "run:step", "loss.least_squares" */
    const char *signature; /* "optim.adam{alpha, beta, gamma, epsilon}" */
    const char *summary;   /* one sentence */
    const struct argument *arguments;
    size_t argument_count;
    const char *returns;  /* what comes back, or NULL */
    const char *errors;   /* what is refused, or NULL */
    const char *equation; /* the formula, in plain text, or NULL */
    const char *source;   /* author, year, page; or NULL */
    const char *elsewhere; /* what other libraries call it, and how theirs differs; or NULL */
    const char *example;  /* a chunk of Lua that runs by itself */
    const char *result;   /* what the example prints, compared in the tests */
};

#define DOC_ARGUMENTS(table) .arguments = (table), .argument_count = sizeof(table) / sizeof *(table)

/* Whether a record is called so, with its namespace or without: "optim.adam", "adam". */
bool doc_is_named(const struct doc *doc, const char *name);

/* Position of `value` among "a|b|c", or -1. */
int doc_choice_index(const char *choices, const char *value);
/* The i-th of "a|b|c" into buffer; false when there is none. */
bool doc_choice_name(const char *choices, int index, char *buffer, size_t size);

/* The name nearest to `given` among the candidates (edit distance at most a third of its length,
 * at least 2; known aliases such as lr -> alpha first, a name that begins the other, "sig",
 * last), or NULL. Upper and lower case are alike. */
const char *doc_nearest(const char *given, const char *const *candidates, size_t count);

#endif
