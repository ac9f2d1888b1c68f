/* SPDX-License-Identifier: GPL-3.0-or-later */
/* error.h: how every function of the library reports a failure.
 *
 * A function that can fail returns an enum status and takes a struct error last. On failure the
 * callee fills it once: `where` names the argument, file or line, `text` is one sentence that says
 * what was wrong and what to do. Nothing here prints, exits or aborts.
 */
#ifndef DESCENT_BASE_ERROR_H
#define DESCENT_BASE_ERROR_H

enum status {
    STATUS_OK = 0,
    STATUS_ARGUMENT,    /* a value outside its legal range, an unknown name */
    STATUS_SHAPE,       /* sizes that do not fit each other */
    STATUS_NUMBER,      /* NaN or infinity where a finite number is needed */
    STATUS_FILE,        /* the system refused a file */
    STATUS_FORMAT,      /* a file was read, but does not say what it should */
    STATUS_MEMORY,      /* an allocation failed */
    STATUS_UNSUPPORTED, /* a combination that has no meaning, or is left out on purpose */
    STATUS_INTERRUPTED, /* the interrupt flag of the context was seen */
    STATUS_CALLBACK,    /* a function supplied by the caller failed; it keeps its own error */
};

struct error {
    enum status status;
    char where[128]; /* argument, file:line:column, or empty */
    char text[512];  /* one sentence, without `where` */
};

/* Fills *error (which may be NULL) and returns status, so that `return error_set(...)` reads
 * well. */
enum status error_set(struct error *error, enum status status, const char *where,
                      const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The one text for an allocation that failed; `what` completes "not enough memory for ...". */
enum status error_memory(struct error *error, const char *what);

/* "where: text", or "text" alone, cut to size. Returns buffer. */
char *error_message(const struct error *error, char *buffer, unsigned long size);

#endif
