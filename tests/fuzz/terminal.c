/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a terminal answers when it is asked what it can show, and the width of any text on it. */
#include "state.h"

static const char chunk[] =
    "local core = require 'descent.core'\n"
    "local make = assert(load(core.resource 'lua/descent/terminal.lua'))\n"
    "local getenv = os.getenv\n"
    "os.getenv = function(name) return name == 'TERM' and 'xterm' or nil end\n"
    "return function(text)\n"
    "    core.host.ask_terminal = function() return text end\n"
    "    local terminal = make()\n"
    "    local about = terminal.probe()\n"
    "    assert(about.ground == nil or about.ground == 'dark' or about.ground == 'light')\n"
    "    if about.cell then\n"
    "        local wide, high = table.unpack(about.cell)\n"
    "        assert(wide >= 1 and high >= 1 and wide < 1e4 and high < 1e4, 'no size of a cell')\n"
    "    end\n"
    "    local all, cells = {}, 0\n"
    "    for piece, width in terminal.pieces(text) do\n"
    "        all[#all + 1] = piece\n"
    "        cells = cells + width\n"
    "    end\n"
    "    assert(table.concat(all) == text and terminal.width(text) == cells)\n"
    "    assert(terminal.width(terminal.clip(text, 7, true)) <= 7)\n"
    "    terminal.wrap(text, 20)\n"
    "end\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    state_call(chunk, data, size);
    return 0;
}
