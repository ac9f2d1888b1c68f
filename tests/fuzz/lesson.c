/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lesson files: loaded, and where that succeeds measured, looked at as `descent lesson --lint`
 * does, and set in lines for screen and terminal. What lessons run is not run. */
#include "state.h"

static const char chunk[] =
    "local load_lesson = require 'descent.lesson.load'\n"
    "local lint = require 'descent.lesson.lint'\n"
    "local paper = require 'descent.lesson.paper'\n"
    "local function set(value)\n"
    "    for _, text in pairs(value) do\n"
    "        if type(text) == 'table' then set(text)\n"
    "        elseif type(text) == 'string' then\n"
    "            for _, line in ipairs(paper.lines(text, 40)) do paper.ascii(line) end\n"
    "        end\n"
    "    end\n"
    "end\n"
    "return function(text)\n"
    "    local made, reason = load_lesson.text(text, 'fuzz.lua')\n"
    "    if not made then\n"
    "        assert(type(reason) == 'string' or #reason > 0, 'no reason')\n"
    "    else\n"
    "        lint.minutes(made)\n"
    "        for _, step in ipairs(made.steps) do\n"
    "            lint.text(step, function(format, ...) format:format(...) end)\n"
    "            set(step)\n"
    "        end\n"
    "    end\n"
    "end\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    state_call(chunk, data, size);
    return 0;
}
