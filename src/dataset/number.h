/* SPDX-License-Identifier: GPL-3.0-or-later */
/* number.h: decimal numbers in files: correctly rounded, and the same in every locale. */
#ifndef DESCENT_DATASET_NUMBER_H
#define DESCENT_DATASET_NUMBER_H

#include <locale.h>
#include <stdbool.h>
#include <stddef.h>
#ifdef __APPLE__
#include <xlocale.h>
#endif

#include "base/error.h"

/* While entered, this thread reads and writes numbers as the C locale does. */
struct number_locale {
    locale_t plain, before;
};
enum status number_locale_enter(struct number_locale *locale, struct error *error);
void number_locale_leave(struct number_locale *locale);

enum number_kind { NUMBER_NONE, NUMBER_FINITE, NUMBER_INFINITE };

/* What the whole of text[0 .. length) says: an optional sign, digits with at most one point, an
 * optional exponent; or "inf", "infinity". A number too large for a double is infinite.
 * text[length] must be readable, and none of 0-9 . e E. Only inside number_locale_enter. */
enum number_kind number_read(const char *text, size_t length, double *value);

/* A form of at most 17 digits that reads back as the same number. Returns its length; 32 bytes are
 * enough. Only inside number_locale_enter. */
size_t number_write(double value, char *buffer, size_t size);

#endif
