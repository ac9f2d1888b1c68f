/* SPDX-License-Identifier: GPL-3.0-or-later */
/* machine.h: what the machine that runs a test is not. */
#ifndef DESCENT_TESTS_MACHINE_H
#define DESCENT_TESTS_MACHINE_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Valgrind's processor has no long double beyond double, and no filter of system calls. */
static inline bool under_valgrind(void)
{
    const char *preloaded = getenv("LD_PRELOAD");
    return preloaded != NULL && strstr(preloaded, "vgpreload") != NULL;
}

#endif
