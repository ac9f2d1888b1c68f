/* SPDX-License-Identifier: GPL-3.0-or-later */
#define KERNEL_TABLE kernel_arithmetic_base
#define KERNEL_WIDTH 2
#define KERNEL_NAME "base"
#include "graph/kernel_loops.h"
