/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * embedded.h: the files that are part of the program: everything in lua/ and lessons/, and
 * scripts/tour.lua. The tables are written by scripts/embed.lua into build/embed.c, sorted by path.
 */
#ifndef DESCENT_BIND_EMBEDDED_H
#define DESCENT_BIND_EMBEDDED_H

#include <stddef.h>

struct embedded {
    const char *name;           /* a module "descent.plot.loss", or the path of anything else */
    const char *path;           /* "lua/descent/plot/loss.lua", "lessons/01-line.lua" */
    const unsigned char *bytes; /* followed by a zero byte that size does not count */
    size_t size;
};

extern const struct embedded embedded_files[];
extern const size_t embedded_count;

#endif
