/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sandbox.h: a process locks itself in before it runs code that nobody trusts. What is left to it
 * then: to compute, to read descriptor 0, to write descriptor 1, to end. Every other call into the
 * system ends it with SIGSYS. The lock cannot be opened again, by root neither. */
#ifndef DESCENT_HOST_SANDBOX_H
#define DESCENT_HOST_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

struct sandbox_limits {
    double seconds; /* of the processor, for the rest of the process's life */
    size_t memory;  /* bytes of address space beyond what is in use now */
    bool filter;  /* false: limits only, without seccomp; such a process can do what its user can */
    pid_t parent; /* whose death ends this process; 0: nobody's */
};

/* STATUS_UNSUPPORTED with the reason where the system has no such lock. Changes nothing. */
enum status sandbox_supported(struct error *error);

/* Only descriptors 0 and 1 stay open; 2 becomes /dev/null. */
enum status sandbox_enter(const struct sandbox_limits *limits, struct error *error);

#endif
