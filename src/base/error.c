/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/error.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Ends a text that may have been cut inside a UTF-8 character before that character. */
static void end_whole(char *text)
{
    size_t length = strlen(text), start = length;
    while (start > 0 && length - start < 4) {
        unsigned char byte = (unsigned char)text[--start];
        if ((byte & 0xC0) == 0x80)
            continue;
        size_t needed = byte < 0x80    ? 1
                        : byte >= 0xF0 ? 4
                        : byte >= 0xE0 ? 3
                        : byte >= 0xC0 ? 2
                                       : 1;
        if (length - start < needed)
            text[start] = '\0';
        return;
    }
}

static void copy_whole(char *to, size_t size, const char *from)
{
    size_t length = strlen(from);
    bool cut = length >= size;
    memcpy(to, from, cut ? size - 1 : length);
    to[cut ? size - 1 : length] = '\0';
    if (cut)
        end_whole(to);
}

enum status error_set(struct error *error, enum status status, const char *where,
                      const char *format, ...)
{
    if (error == NULL)
        return status;
    /* Written aside first: the arguments may be the old text of the same error. */
    struct error fresh = {.status = status};
    copy_whole(fresh.where, sizeof fresh.where, where == NULL ? "" : where);
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(fresh.text, sizeof fresh.text, format, arguments);
    va_end(arguments);
    if (length < 0)
        copy_whole(fresh.text, sizeof fresh.text, format);
    else if ((size_t)length >= sizeof fresh.text)
        end_whole(fresh.text);
    *error = fresh;
    return status;
}

enum status error_memory(struct error *error, const char *what)
{
    return error_set(error, STATUS_MEMORY, NULL, "not enough memory for %s", what);
}

char *error_message(const struct error *error, char *buffer, unsigned long size)
{
    if (size == 0)
        return buffer;
    bool placed = error->where[0] != '\0';
    int length = snprintf(buffer, size, "%s%s%s", error->where, placed ? ": " : "", error->text);
    if (length >= 0 && (unsigned long)length >= size)
        end_whole(buffer);
    return buffer;
}
