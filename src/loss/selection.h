/* SPDX-License-Identifier: GPL-3.0-or-later */
/* selection.h: the arguments that every penalty has. */
#ifndef DESCENT_LOSS_SELECTION_H
#define DESCENT_LOSS_SELECTION_H

#define PENALTY_SELECTION                                                                         \
    {.name = "only", .type = ARGUMENT_VALUE, .type_name = "list of names",                        \
     .default_text = "all parameters",                                                            \
     .summary = "the names of the parameters that it is about, or of components, \"W[3,1]\""},    \
    {.name = "except", .type = ARGUMENT_VALUE, .type_name = "list of names",                      \
     .default_text = "none",                                                                      \
     .summary = "the names of the parameters or components left out of it"}

#endif
