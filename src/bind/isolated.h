/* SPDX-License-Identifier: GPL-3.0-or-later */
/* isolated.h: the process in which a submission runs. */
#ifndef DESCENT_BIND_ISOLATED_H
#define DESCENT_BIND_ISOLATED_H

/* descent --isolated PARENT MEMORY SECONDS filter|limits linear|plain: the program starts itself so
 * (core.host.child). Does not come back once the submission has been given. */
int isolated_main(int count, char **arguments);

#endif
