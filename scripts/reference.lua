-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- reference.lua [FOLDER]: writes FOLDER/reference.md and FOLDER/descent.7 (default: build) from the
-- records behind help; the man page's frame is man/descent.7.in. Run by the built program:
--
--     build/descent scripts/reference.lua build
--
-- Equal records give equal files: sorted by name, no dates.

local core = require "descent.core"
local doc = require "descent.doc"
local page = require "descent.page"

local folder = arg[1] or "build"
local scripts = arg[0]:match("^(.*)/[^/]*$") or "."

-- Groups in the order of the language; a record belongs to the first that knows its name's first
-- part, all others are functions.
local groups = {
    { title = "Data", heads = { data = true, dataset = true } },
    { title = "Models", heads = { model = true } },
    { title = "Losses", heads = { loss = true, penalty = true } },
    { title = "Optimizers", heads = { optim = true, optimizer = true } },
    { title = "Schedules", heads = { schedule = true } },
    { title = "Runs", heads = {
        run = true, history = true, descend = true, fit = true, explain = true, why = true,
    } },
    { title = "Plots", heads = { plot = true } },
    { title = "Lessons and help", heads = { lesson = true, help = true } },
    { title = "Random numbers", heads = { random = true, seed = true } },
    { title = "Arrays", heads = { array = true } },
    { title = "Inside models", heads = { symbol = true } },
    { title = "Functions", heads = {} },
}

local function group_of(record)
    local head = record.name:match("^[%w_]+")
    for _, group in ipairs(groups) do
        if group.heads[head] then return group end
    end
    return groups[#groups]
end

for _, group in ipairs(groups) do group.records = {} end
for _, record in ipairs(doc.all()) do table.insert(group_of(record).records, record) end

local function write(path, lines)
    local file, reason = io.open(path, "w")
    if not file then error("cannot write " .. reason, 0) end
    file:write(table.concat(lines, "\n"), "\n")
    assert(file:close())
end

local function lines_of(text) return (text:gsub("%s+$", "") .. "\n"):gmatch("(.-)\n") end

local function argument_text(argument)
    local parts = {}
    if argument.type ~= "value" then parts[1] = page.argument_type(argument) end
    parts[#parts + 1] = page.argument_default(argument)
    return table.concat(parts, ", ")
end

local function argument_name(argument)
    local symbol = argument.symbol
    return argument.name .. (symbol and symbol ~= argument.name and " " .. symbol or "")
end

-- --- Markdown ------------------------------------------------------------------------------------

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
            put("| %s | %s | %s |", cell(argument_name(argument)), cell(argument_text(argument)),
                cell(argument.summary or ""))
        end
        put("")
    end
    for _, field in ipairs { "returns", "errors", "equation", "source" } do
        local text = record[field]
        if text then put("%s: %s\n", field:gsub("^%l", string.upper), plain(text)) end
    end
    if record.example then
        for line in lines_of(record.example) do put("    %s", line) end
        for line in lines_of(record.result or "") do
            if record.result then put("    --> %s", line) end
        end
        put("")
    end
end

local function reference()
    local out = { "# Reference of descent " .. core.version, "",
        "Made from the records that `help` prints and that check every call.", "" }
    for _, group in ipairs(groups) do
        if #group.records > 0 then
            out[#out + 1] = "## " .. group.title .. "\n"
            for _, record in ipairs(group.records) do markdown(record, out) end
        end
    end
    return out
end

-- --- roff ----------------------------------------------------------------------------------------

-- Text of a man page: a hyphen that is typed, no escapes, no requests by accident.
local function roff(text)
    text = text:gsub("\\", "\\e"):gsub("%-", "\\-"):gsub("'", "\\(aq"):gsub("`", "\\(ga")
        :gsub("%^", "\\(ha"):gsub("~", "\\(ti")
    return (text:gsub("^%.", "\\&."):gsub("\n%.", "\n\\&."))
end

local function verbatim(text, out, prefix)
    for line in lines_of(text) do
        local shown = roff((prefix or "") .. line)
        out[#out + 1] = shown == "" and "\\&" or shown
    end
end

local function manual(record, out)
    local function put(line) out[#out + 1] = line end
    put ".TP"
    put('.B "' .. roff(record.signature):gsub('"', "\\(dq") .. '"')
    put(roff(record.summary))
    if #record.arguments > 0 then
        put ".RS"
        for _, argument in ipairs(record.arguments) do
            put ".TP"
            put('.I "' .. roff(argument_name(argument)) .. '"')
            local text = argument_text(argument)
            local summary = argument.summary or ""
            put(roff(text .. (text ~= "" and summary ~= "" and ": " or "") .. summary))
        end
        put ".RE"
    end
    put ".RS"
    for _, field in ipairs { "returns", "errors", "equation", "source" } do
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
    for _, group in ipairs(groups) do
        if #group.records > 0 then
            out[#out + 1] = ".SS " .. group.title
            for _, record in ipairs(group.records) do manual(record, out) end
        end
    end
    return out
end

local function manual_page()
    local file = assert(io.open(scripts .. "/../man/descent.7.in"))
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

write(folder .. "/reference.md", reference())
write(folder .. "/descent.7", manual_page())
