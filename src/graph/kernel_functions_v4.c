/* SPDX-License-Identifier: GPL-3.0-or-later */
#if defined __x86_64__
#define KERNEL_FUNCTIONS
#define KERNEL_TABLE kernel_functions_v4
#define KERNEL_WIDTH 8
#define KERNEL_NAME "x86-64-v4"
#include "graph/kernel_loops.h"
#else
typedef int no_such_instructions_here;
#endif
