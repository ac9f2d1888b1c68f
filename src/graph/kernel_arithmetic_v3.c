/* SPDX-License-Identifier: GPL-3.0-or-later */
#if defined __x86_64__
#define KERNEL_TABLE kernel_arithmetic_v3
#define KERNEL_WIDTH 4
#define KERNEL_NAME "x86-64-v3"
#include "graph/kernel_loops.h"
#else
typedef int no_such_instructions_here;
#endif
