/* SPDX-License-Identifier: GPL-3.0-or-later */
/* coverage.h: read before every file of `make coverage`. gcov writes what ran at exit(); these end a
 * process without one. Where src/bind/isolated.c does, the sandbox kills what opens a file, so that
 * what isolated processes run is not counted. */
#ifndef DESCENT_COVERAGE_H
#define DESCENT_COVERAGE_H

#include <signal.h>
#include <unistd.h>

void __gcov_dump(void);
void __gcov_reset(void);

static inline void coverage_write(const char *file)
{
    if (__builtin_strcmp(file, "src/bind/isolated.c") != 0) {
        __gcov_dump();
        __gcov_reset();
    }
}

#define _exit(code) (coverage_write(__BASE_FILE__), _exit(code))
#define raise(number) (coverage_write(__BASE_FILE__), raise(number))

#endif
