-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- The reference as the roff of descent(7), in the frame man/descent.7.in.

local core = require "descent.core"
local page = require "descent.page"
local records = require "records"

-- Text of a man page: a hyphen that is typed, no escapes, no requests by accident.
local function roff(text)
    text = text:gsub("\\", "\\e"):gsub("%-", "\\-"):gsub("'", "\\(aq"):gsub("`", "\\(ga")
        :gsub("%^", "\\(ha"):gsub("~", "\\(ti")
    return (text:gsub("^%.", "\\&."):gsub("\n%.", "\n\\&."))
end

local WIDTH = 69 -- what 80 columns leave for an example

local function verbatim(text, out, prefix)
    for line in records.lines_of(text) do
        local margin = prefix and prefix .. "    "
        for _, piece in ipairs(page.break_code((prefix or "") .. line, WIDTH, margin)) do
            local shown = roff(piece)
            out[#out + 1] = shown == "" and "\\&" or shown
        end
    end
end

local function manual(record, out)
    local function put(line) out[#out + 1] = line end
    put ".TP 4"
    put('.B "' .. roff(record.signature):gsub('"', "\\(dq") .. '"')
    put(roff(record.summary))
    if #record.arguments > 0 then
        put ".RS 4"
        for _, argument in ipairs(record.arguments) do
            put ".TP 4"
            put('.I "' .. roff(records.argument_name(argument)) .. '"')
            local text = records.argument_text(argument)
            local summary = argument.summary or ""
            put(roff(text .. (text ~= "" and summary ~= "" and ": " or "") .. summary))
        end
        put ".RE"
    end
    put ".RS 4"
    for _, field in ipairs(records.fields) do
        if record[field] then
            put ".PP"
            put(field:gsub("^%l", string.upper) .. ": " .. roff(record[field]))
        end
    end
    if record.example then
        put ".PP"
        put ".nf"
        verbatim(record.example, out)
        if record.result then verbatim(record.result, out, "--> ") end
        put ".fi"
    end
    put ".RE"
end

local function manual_reference()
    local out = {}
    for _, group in ipairs(records.groups) do
        if #group.records > 0 then
            out[#out + 1] = ".SS " .. group.title
            for _, record in ipairs(group.records) do manual(record, out) end
        end
    end
    return out
end

return function(frame)
    local file = assert(io.open(frame))
    local out = {}
    for line in file:lines() do
        if line == "@REFERENCE@" then
            for _, filled in ipairs(manual_reference()) do out[#out + 1] = filled end
        else
            out[#out + 1] = (line:gsub("@VERSION@", core.version))
        end
    end
    file:close()
    return out
end
