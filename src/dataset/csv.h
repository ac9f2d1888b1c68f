/* SPDX-License-Identifier: GPL-3.0-or-later */
/* csv.h: a file of separated fields, one record after the other (RFC 4180, and what is met besides:
 * CR and LF line ends, a byte order mark, tabs or semicolons, blank lines, spaces around fields).
 *
 * The file lies in one block of memory and is never changed; fields point into it. */
#ifndef DESCENT_DATASET_CSV_H
#define DESCENT_DATASET_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/context.h"
#include "base/error.h"

struct csv_field {
    const char *text; /* without the quotes and the spaces around it; not terminated */
    size_t length;
    size_t line;  /* from 1 */
    bool doubled; /* quotes inside are still doubled: csv_undouble() */
};

struct csv_record {
    struct csv_field *fields;
    size_t count, capacity; /* count 0: the file is at its end */
};

struct csv {
    struct context *context;
    const char *path; /* the caller's */
    char *block;      /* size bytes, none of them 0, and a 0 after them */
    size_t size;
    const char *next; /* the first byte not read yet */
    size_t line;      /* of next, from 1 */
    bool binary;      /* for csv_load: zero bytes are nothing special */
    char delimiter;
    bool ends_field[256]; /* by byte: delimiter, line ends and the final 0 */
};

/* The whole file into csv->block, for readers of other formats: `context`, `path` and `binary` are
 * set before. csv_close() is due in any case. */
enum status csv_load(struct csv *csv, struct error *error);

/* Reads the file into memory and finds its delimiter. csv_close() is due only after STATUS_OK. */
enum status csv_open(struct csv *csv, struct context *context, const char *path,
                     struct error *error);
void csv_close(struct csv *csv);

enum status csv_next(struct csv *csv, struct csv_record *record, struct error *error);
void csv_record_free(struct csv *csv, struct csv_record *record);

/* Writes the field with its quotes single; `text` has room for field->length bytes. Returns the
 * length. */
size_t csv_undouble(const struct csv_field *field, char *text);

/* Empty, NA, NaN or ?: no value here. */
bool csv_is_missing(const char *text, size_t length);

/* Does the name end in .tsv or .tab? */
bool csv_is_tab_separated(const char *path);

/* "path:line:column" (a 0 is left out) into where[0 .. size); a long path loses its beginning. */
void csv_place(char *where, size_t size, const char *path, size_t line, size_t column);
enum status csv_refuse(const struct csv *csv, enum status status, size_t line, size_t column,
                       struct error *error, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

/* For messages: in quotes, cut, bytes that are no text as "?". */
enum { CSV_QUOTED = 64 };
char *csv_quoted(char buffer[CSV_QUOTED], const char *text, size_t length);

/* Bytes at the start of text that are well-formed UTF-8 without control characters other than tab
 * and line ends: `length` when all of it is. */
size_t csv_text_length(const char *text, size_t length);

#endif
