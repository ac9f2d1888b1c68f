/* SPDX-License-Identifier: GPL-3.0-or-later */
/* display.h: is there a screen for windows? Found by knocking; a window of a display that does not
 * answer would hang the program that opens it. */
#ifndef DESCENT_HOST_DISPLAY_H
#define DESCENT_HOST_DISPLAY_H

#include <stdbool.h>

/* `name` as in DISPLAY: ":0", ":0.1", "localhost:10", or the path of a socket. True when a server
 * answers a greeting in time (whether or not it would let us in). */
bool display_x11_answers(const char *name, double seconds);

/* `name` as in WAYLAND_DISPLAY: a socket in XDG_RUNTIME_DIR, or its path. */
bool display_wayland_answers(const char *name);

#endif
