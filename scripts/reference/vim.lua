-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- The language's names for Vim: Lua's syntax, with these beside it.

local descent = require "descent"
local doc = require "descent.doc"
local records = require "records"

local function fill(out, head, words)
    local line = head
    for _, word in ipairs(words) do
        if #line + #word + 1 > 96 then
            out[#out + 1] = line
            line = head
        end
        line = line .. " " .. word
    end
    if #words > 0 then out[#out + 1] = line end
end

return function()
    local spaces, functions, members, seen = {}, {}, {}, {}
    for _, name in ipairs(descent.names()) do
        local list = type(descent[name]) == "table" and spaces or functions
        if doc.documented(name) then list[#list + 1] = name end
    end
    for _, record in ipairs(records.all) do
        local head, member = record.name:match("^([%w_]+)[.:]([%w_]+)$")
        if head and not seen[member] then seen[member], members[#members + 1] = true, member end
    end
    table.sort(members)
    local out = { '" SPDX-License-Identifier: GPL-3.0-or-later',
        '" Scripts of descent: Lua and the names of the language; made from its records.',
        "if exists('b:current_syntax')", "  finish", "endif", "runtime! syntax/lua.vim" }
    fill(out, "syntax keyword descentSpace", spaces)
    fill(out, "syntax keyword descentFunction", functions)
    for _, member in ipairs(members) do
        out[#out + 1] = "syntax match descentMember /[.:]\\@1<=" .. member .. "\\>/"
    end
    out[#out + 1] = "highlight default link descentSpace Type"
    out[#out + 1] = "highlight default link descentFunction Function"
    out[#out + 1] = "highlight default link descentMember Function"
    out[#out + 1] = "let b:current_syntax = 'descent'"
    return out
end
