-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- The reference as Markdown.

local core = require "descent.core"
local records = require "records"

local function plain(text) return (text:gsub("[\\`*_{}%[%]<>#|]", "\\%0")) end

local function cell(text) return (plain(text):gsub("\n", " ")) end

local function markdown(record, out)
    local function put(format, ...) out[#out + 1] = format:format(...) end
    put("### %s\n", plain(record.name))
    put("    %s\n", record.signature)
    put("%s\n", plain(record.summary))
    if #record.arguments > 0 then
        put("| argument | what | meaning |\n|---|---|---|")
        for _, argument in ipairs(record.arguments) do
            put("| %s | %s | %s |", cell(records.argument_name(argument)),
                cell(records.argument_text(argument)), cell(argument.summary or ""))
        end
        put("")
    end
    for _, field in ipairs(records.fields) do
        local text = record[field]
        if text then put("%s: %s\n", field:gsub("^%l", string.upper), plain(text)) end
    end
    if record.example then
        for line in records.lines_of(record.example) do put("    %s", line) end
        for line in records.lines_of(record.result or "") do
            if record.result then put("    --> %s", line) end
        end
        put("")
    end
end

return function()
    local out = { "# Reference of descent " .. core.version, "",
        "Made from the records that `help` prints and that check every call.", "" }
    for _, group in ipairs(records.groups) do
        if #group.records > 0 then
            out[#out + 1] = "## " .. group.title .. "\n"
            for _, record in ipairs(group.records) do markdown(record, out) end
        end
    end
    return out
end

