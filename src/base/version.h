/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * version.h: the one place that states the version.
 */
#ifndef DESCENT_BASE_VERSION_H
#define DESCENT_BASE_VERSION_H

#define DESCENT_VERSION "0.1.0"

#endif
