/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "loss/loss.h"

#define X(name) extern const struct loss_kind loss_kind_##name;
#include "loss/loss.def"
#undef X

const struct loss_kind *const loss_kinds[] = {
#define X(name) &loss_kind_##name,
#include "loss/loss.def"
#undef X
};
const size_t loss_kind_count = sizeof loss_kinds / sizeof *loss_kinds;

const struct loss_kind *loss_kind_named(const char *name)
{
    for (size_t i = 0; i < loss_kind_count; i++)
        if (doc_is_named(&loss_kinds[i]->doc, name))
            return loss_kinds[i];
    return NULL;
}
