/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lesson files: loaded, and where that succeeds looked at as `descent lesson --lint` does. */
#include "state.h"

static const char chunk[] =
    "local load_lesson = require 'descent.lesson.load'\n"
    "local lint = require 'descent.lesson.lint'\n"
    "return function(text)\n"
    "    local made, reason = load_lesson.text(text, 'fuzz.lua')\n"
    "    if not made then\n"
    "        assert(type(reason) == 'string' or type(reason) == 'table', 'no reason')\n"
    "    else lint.minutes(made) end\n"
    "end\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    state_call(chunk, data, size);
    return 0;
}
