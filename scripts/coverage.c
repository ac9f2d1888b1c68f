/* SPDX-License-Identifier: GPL-3.0-or-later */
/* coverage.c: linked into the program of `make coverage` in the place of two functions that may end
 * a process without exit(), at which gcov writes what ran. The sandbox of an isolated process kills
 * what opens a file, so that what isolated processes run is not counted. */
#include <string.h>

void __gcov_dump(void);
void __gcov_reset(void);
void __real__exit(int code) __attribute__((noreturn));
int __real_raise(int number);
void __wrap__exit(int code) __attribute__((noreturn));
int __wrap_raise(int number);

static int isolated;

__attribute__((constructor)) static void begin(int count, char **arguments)
{
    isolated = count > 1 && strcmp(arguments[1], "--isolated") == 0;
}

static void write_down(void)
{
    if (isolated)
        return;
    __gcov_dump();
    __gcov_reset();
}

void __wrap__exit(int code)
{
    write_down();
    __real__exit(code);
}

int __wrap_raise(int number)
{
    write_down();
    return __real_raise(number);
}
