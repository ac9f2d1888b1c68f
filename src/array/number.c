/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "array/array.h"

char *array_number_text(double value, char *buffer, size_t size)
{
    if (isnan(value)) {
        snprintf(buffer, size, "nan");
    } else if (isinf(value)) {
        snprintf(buffer, size, value > 0 ? "inf" : "-inf");
    } else {
        snprintf(buffer, size, "%.7g", value == 0 ? 0.0 : value);
        /* A locale's decimal point may be another character, of several bytes. */
        char *from = buffer, *to = buffer;
        while (*from != '\0') {
            if (strchr("0123456789+-e", *from) != NULL) {
                *to++ = *from++;
                continue;
            }
            *to++ = '.';
            while (*from != '\0' && strchr("0123456789+-e", *from) == NULL)
                from++;
        }
        *to = '\0';
    }
    return buffer;
}
