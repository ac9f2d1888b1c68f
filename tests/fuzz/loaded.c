/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of r:save() with changes in them, through run.load: data, model, loss and run. */
#include "state.h"

static const char begin[] =
    "d = require 'descent'\n"
    "local wave = d.model(function(x, a, b) return a*d.sin(b*x) end)\n"
    "local runs = {\n"
    "    d.descend(d.loss.least_squares(d.model.line, d.data.line12), d.optim.adam{alpha = 0.1},\n"
    "        {start = {1.6, -0.5}, batch = 5, seed = 1}),\n"
    "    d.descend(d.loss.mean_squares(wave, d.data.line12) + 0.1*d.penalty.l2,\n"
    "        d.optim.momentum{alpha = d.schedule.cosine{alpha = 0.1, steps = 9}},\n"
    "        {start = {1, 2}, seed = 1}),\n"
    "}\n"
    "local bases = {}\n"
    "local path = FOLDER .. '/descent-fuzz-base.run'\n"
    "for i, r in ipairs(runs) do\n"
    "    r:step(4):save(path)\n"
    "    local file = assert(io.open(path, 'rb'))\n"
    "    bases[i] = file:read('a')\n"
    "    file:close()\n"
    "end\n"
    "return function(text)\n"
    "    if text:sub(1, 1) == '?' then return bases[text:byte(2) % #bases + 1] end\n"
    "    local fine, r = pcall(d.run.load, text)\n"
    "    if fine then r:step(2):back(1) else assert(#tostring(r) > 10, 'no sentence') end\n"
    "end\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t which[] = {'?', size > 0 ? data[0] : 0};
    size_t length;
    const uint8_t *base = state_ask(begin, which, sizeof which, &length);
    uint8_t *changed = fuzz_changed(base, length, data + 1, size > 0 ? size - 1 : 0, &length);
    const char *path = fuzz_file("run", changed, length);
    free(changed);
    state_ask(begin, (const uint8_t *)path, strlen(path), &length);
    remove(path);
    return 0;
}
