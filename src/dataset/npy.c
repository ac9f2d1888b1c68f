/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dataset/npy.h"

#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAGIC = 6, MOST_HEADER = 65536, MOST_DIMENSIONS = 32 };
static const char magic[] = "\x93NUMPY";

static bool machine_is_little(void)
{
    const uint16_t one = 1;
    unsigned char first;
    memcpy(&first, &one, 1);
    return first == 1;
}

/* --- the header: a Python dictionary of three entries --- */

/* Behind the key and its colon, or NULL. */
static const char *find_value(const char *header, const char *key)
{
    char quoted[32];
    snprintf(quoted, sizeof quoted, "'%s'", key);
    const char *at = strstr(header, quoted);
    if (at == NULL)
        return NULL;
    at += strlen(quoted);
    while (isspace((unsigned char)*at) || *at == ':')
        at++;
    return at;
}

/* '<f8': byte order, kind, width; false where it is something else. */
static bool read_type(const char *value, struct npy *npy)
{
    if (value == NULL || *value != '\'')
        return false;
    char order = value[1];
    if (order == '\0' || strchr("<>|=", order) == NULL)
        return false;
    npy->kind = value[2];
    if (npy->kind == '\0' || !isdigit((unsigned char)value[3]))
        return false;
    char *end;
    unsigned long width = strtoul(value + 3, &end, 10);
    if (*end != '\'' || width == 0 || width > MOST_HEADER)
        return false;
    npy->width = npy->kind == 'U' ? 4 * width : width;
    npy->swapped = (order == '<' && !machine_is_little()) || (order == '>' && machine_is_little());
    switch (npy->kind) {
    case 'f': return width == 2 || width == 4 || width == 8;
    case 'i':
    case 'u': return width == 1 || width == 2 || width == 4 || width == 8;
    case 'b': return width == 1;
    case 'U':
    case 'S': return true;
    default: return false;
    }
}

/* (12, 2) or (12,): rows, and the product of the others; false where it is no tuple of sizes. */
static bool read_shape(const char *value, struct npy *npy)
{
    if (value == NULL || *value++ != '(')
        return false;
    npy->rows = npy->cols = 1;
    npy->dimensions = 0;
    while (*value != ')') {
        while (isspace((unsigned char)*value) || *value == ',')
            value++;
        if (*value == ')')
            break;
        if (!isdigit((unsigned char)*value) || npy->dimensions == MOST_DIMENSIONS)
            return false;
        char *end;
        unsigned long long size = strtoull(value, &end, 10);
        size_t *to = npy->dimensions++ == 0 ? &npy->rows : &npy->cols;
        if (size > 0 && *to > SIZE_MAX / 16 / size)
            return false;
        *to *= (size_t)size;
        value = end + (*end == 'L');
    }
    return true;
}

static enum status check_array(const struct npy *npy, size_t left, const char *where,
                               const char *name, struct error *error)
{
    if (npy->dimensions == 0)
        return error_set(error, STATUS_SHAPE, where,
                         "%s is a single number; an array of one or two dimensions is needed",
                         name);
    if (npy->by_column && npy->dimensions > 2)
        return error_set(error, STATUS_UNSUPPORTED, where,
                         "%s has %d dimensions in Fortran's order; save "
                         "numpy.ascontiguousarray(...) of it",
                         name, npy->dimensions);
    if (npy->rows == 0 || npy->cols == 0)
        return error_set(error, STATUS_SHAPE, where, "%s is empty", name);
    if (npy->rows > left / npy->cols / npy->width)
        return error_set(error, STATUS_FORMAT, where, "%s is cut off: there are fewer numbers than "
                         "its header says", name);
    return STATUS_OK;
}

enum status npy_open(struct npy *npy, const void *bytes, size_t size, const char *where,
                     const char *name, struct error *error)
{
    const unsigned char *start = bytes;
    *npy = (struct npy){0};
    size_t at = MAGIC + 2, count = size >= at && start[MAGIC] == 1 ? 2 : 4, length = 0;
    if (size < at + count || memcmp(start, magic, MAGIC) != 0 || start[MAGIC] < 1 ||
        start[MAGIC] > 3)
        return error_set(error, STATUS_FORMAT, where, "%s is no array as numpy.save writes it",
                         name);
    for (size_t i = 0; i < count; i++)
        length |= (size_t)start[at + i] << 8 * i;
    at += count;
    char header[MOST_HEADER + 1];
    if (length > MOST_HEADER || length > size - at)
        return error_set(error, STATUS_FORMAT, where, "%s is cut off in its header", name);
    memcpy(header, start + at, length);
    header[length] = '\0';
    npy->data = start + at + length;
    const char *type = find_value(header, "descr"), *order = find_value(header, "fortran_order");
    bool shaped = read_shape(find_value(header, "shape"), npy);
    if (type == NULL || order == NULL || !shaped)
        return error_set(error, STATUS_FORMAT, where, "%s has a header that says no type or shape",
                         name);
    npy->by_column = strncmp(order, "True", 4) == 0;
    if (!read_type(type, npy))
        return error_set(error, STATUS_UNSUPPORTED, where,
                         "%s holds elements of type %.*s, which are neither real numbers nor text; "
                         "save a.astype(float)",
                         name, (int)strcspn(type, ",}"), type);
    return check_array(npy, size - at - length, where, name, error);
}

/* --- elements --- */

bool npy_is_text(const struct npy *npy)
{
    return npy->kind == 'U' || npy->kind == 'S';
}

static const unsigned char *element(const struct npy *npy, size_t row, size_t column)
{
    size_t place = npy->by_column ? column * npy->rows + row : row * npy->cols + column;
    return npy->data + place * npy->width;
}

/* The bytes of an element as an integer, in the machine's order. */
static uint64_t bits(const struct npy *npy, const unsigned char *from, size_t width)
{
    bool little = machine_is_little() != npy->swapped;
    uint64_t value = 0;
    for (size_t i = 0; i < width; i++)
        value |= (uint64_t)from[i] << 8 * (little ? i : width - 1 - i);
    return value;
}

/* IEEE 754 binary16. */
static double half(uint64_t value)
{
    int exponent = (int)(value >> 10 & 31);
    double fraction = (double)(value & 1023);
    double size = exponent == 31  ? fraction == 0 ? INFINITY : NAN
                  : exponent == 0 ? ldexp(fraction, -24)
                                  : ldexp(1024 + fraction, exponent - 25);
    return value >> 15 & 1 ? -size : size;
}

double npy_number(const struct npy *npy, size_t row, size_t column)
{
    uint64_t value = bits(npy, element(npy, row, column), npy->width);
    if (npy->kind == 'f' && npy->width == 8) {
        double number;
        memcpy(&number, &value, sizeof number);
        return number;
    }
    if (npy->kind == 'f' && npy->width == 4) {
        uint32_t narrow = (uint32_t)value;
        float number;
        memcpy(&number, &narrow, sizeof number);
        return number;
    }
    if (npy->kind == 'f')
        return half(value);
    uint64_t sign = (uint64_t)1 << (8 * npy->width - 1);
    if (npy->kind == 'i' && value & sign) {
        uint64_t size = ~value + 1;
        return -(double)(npy->width == 8 ? size : size & (2 * sign - 1));
    }
    return (double)value;
}

size_t npy_text_room(const struct npy *npy)
{
    return npy->width + 1; /* a code point takes at most its four bytes */
}

static size_t put_code(char *text, uint32_t code)
{
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
        code = '?';
    if (code < 0x80) {
        text[0] = (char)code;
        return 1;
    }
    size_t length = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = length; i-- > 1; code >>= 6)
        text[i] = (char)(0x80 | (code & 0x3f));
    text[0] = (char)((length == 2 ? 0xc0 : length == 3 ? 0xe0 : 0xf0) | code);
    return length;
}

size_t npy_text(const struct npy *npy, size_t row, size_t column, char *text)
{
    const unsigned char *from = element(npy, row, column);
    size_t length = 0, step = npy->kind == 'U' ? 4 : 1;
    for (size_t i = 0; i < npy->width; i += step) {
        uint32_t code = (uint32_t)bits(npy, from + i, step);
        if (code == 0)
            break;
        if (step == 1)
            text[length++] = (char)code;
        else
            length += put_code(text + length, code);
    }
    text[length] = '\0';
    return length;
}

/* --- writing --- */

size_t npy_header(char header[NPY_HEADER], size_t rows, size_t cols, size_t characters)
{
    char type[32], shape[64];
    char order = machine_is_little() ? '<' : '>';
    if (characters > 0)
        snprintf(type, sizeof type, "%cU%zu", order, characters);
    else
        snprintf(type, sizeof type, "%cf8", order);
    if (cols > 0)
        snprintf(shape, sizeof shape, "(%zu, %zu)", rows, cols);
    else
        snprintf(shape, sizeof shape, "(%zu,)", rows);
    memset(header, ' ', NPY_HEADER);
    memcpy(header, "\x93NUMPY\x01\x00", MAGIC + 2);
    header[MAGIC + 2] = (char)(NPY_HEADER - MAGIC - 4);
    header[MAGIC + 3] = 0;
    char text[NPY_HEADER];
    int length = snprintf(text, sizeof text,
                          "{'descr': '%s', 'fortran_order': False, 'shape': %s, }", type, shape);
    memcpy(header + MAGIC + 4, text, (size_t)length);
    header[NPY_HEADER - 1] = '\n';
    return NPY_HEADER;
}
