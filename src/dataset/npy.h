/* SPDX-License-Identifier: GPL-3.0-or-later */
/* npy.h: one array in NumPy's format (numpy.lib.format, versions 1 to 3). */
#ifndef DESCENT_DATASET_NPY_H
#define DESCENT_DATASET_NPY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "dataset/output.h"

/* More than two dimensions are two: the first, and all others one after the other. */
struct npy {
    const unsigned char *data;
    size_t rows, cols;
    int dimensions; /* in the file */
    char kind;      /* f, i, u, b; U and S: text */
    size_t width;   /* bytes of an element */
    bool swapped;   /* the other byte order than this machine's */
    bool by_column; /* Fortran's order */
};

/* The array in bytes[0 .. size); `where` and `name` ("array y") are for messages. */
enum status npy_open(struct npy *npy, const void *bytes, size_t size, const char *where,
                     const char *name, struct error *error);
bool npy_is_text(const struct npy *npy);
double npy_number(const struct npy *npy, size_t row, size_t column);
/* The text in UTF-8, terminated; `text` has room for npy_text_room bytes. Returns its length. */
size_t npy_text_room(const struct npy *npy);
size_t npy_text(const struct npy *npy, size_t row, size_t column, char *text);

/* Everything before the elements, of rows × cols doubles (cols 0: one dimension), or of texts of
 * `characters` code points each. Returns the length, a multiple of 64. */
enum { NPY_HEADER = 128 };
size_t npy_header(char header[NPY_HEADER], size_t rows, size_t cols, size_t characters);

#endif
