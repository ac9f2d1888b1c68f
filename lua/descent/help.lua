-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- help(), help(x), help "name"; help.search(word), help.source(name). Everything printed comes from
-- the records of descent.doc, so it is what the argument checks enforce.

local core = require "descent.core"
local doc = require "descent.doc"
local page = require "descent.page"
local show = require "descent.show"
local terminal = require "descent.terminal"

local help = {}

local paint = terminal.paint
local add_table, add_text = page.add_table, page.add_text
local add_field, add_record = page.add_field, page.add_record

-- Objects whose kind has no record of its own.
local kinds = {
    array = "numbers in one or two dimensions",
    dataset = "pairs x, y with names; never changes",
    model = "f[x, φ]: predicts y from x with the parameters φ",
    loss = "L[φ]: a function of the parameters, with its derivatives",
    optimizer = "an update rule with its settings",
    schedule = "a learning rate that depends on the update or the epoch",
    run = "a fit as a value: it stands at a time t, and steps forward and back",
    history = "what a run went through: r.trace.loss, r.trace.phi, ... with row t + 1 for time t",
    symbol = "a variable of a formula, while a function is traced",
    process = "another program that is spoken to through pipes",
}

-- The lines of one record.
local function record_page(record)
    local lines = {}
    add_record(lines, record)
    return lines
end

local function pager()
    local chosen = os.getenv("PAGER")
    if chosen and chosen ~= "" then return chosen end
    return os.execute("command -v less >/dev/null 2>&1") and "less -R" or nil
end

-- Prints lines; through a pager where they are more than a terminal shows.
local function print_lines(lines)
    local text = table.concat(lines, "\n")
    local _, rows = terminal.size()
    local can_page = terminal.is_terminal("output") and terminal.is_terminal("input")
        and os.getenv("TERM") ~= "dumb"
    if #lines >= rows and can_page then
        local command = pager()
        local pipe = command and io.popen(command, "w")
        if pipe then
            local function read()
                pipe:write(text, "\n")
                pipe:close()
            end
            local prompt = package.loaded["descent.prompt"]
            if prompt then prompt.reading(read) else read() end
            return
        end
    end
    print(text)
end

-- --- members -----------------------------------------------------------------------------------

-- Records named prefix .. one word: of "optim." or "run:".
local function members(prefix)
    local list = {}
    for _, record in ipairs(doc.all()) do
        if record.name:sub(1, #prefix) == prefix and not record.name:find("[.:]", #prefix + 1) then
            list[#list + 1] = record
        end
    end
    return list
end

local function add_members(lines, title, prefix)
    local rows = {}
    for i, record in ipairs(members(prefix)) do rows[i] = { record.name, record.summary } end
    if #rows == 0 then return false end
    lines[#lines + 1] = paint(title, "heading")
    add_table(lines, rows, 4)
    return true
end

-- Names in a namespace that are data, not documented by themselves (data.line12).
local function add_other_members(lines, value, prefix)
    local names = {}
    for key in pairs(value) do
        if type(key) == "string" and key:sub(1, 1) ~= "_" and not doc.documented(prefix .. key) then
            names[#names + 1] = prefix .. key
        end
    end
    if #names == 0 then return end
    table.sort(names)
    lines[#lines + 1] = paint("Also", "heading")
    add_text(lines, table.concat(names, "  "), 4)
end

local function add_fields(lines, kind)
    local fields = core.types[kind] and core.types[kind].fields or {}
    if #fields == 0 then return end
    lines[#lines + 1] = paint("Fields", "heading")
    local sorted = table.move(fields, 1, #fields, 1, {})
    table.sort(sorted)
    add_text(lines, table.concat(sorted, "  "), 4)
end

local function add_kind(lines, kind)
    local record = doc.documented(kind)
    if record then
        add_record(lines, record)
    else
        lines[#lines + 1] = paint(kind, "heading")
        add_text(lines, kinds[kind] or "an object of the core", 4)
    end
    add_fields(lines, kind)
    add_members(lines, "Methods", kind .. ":")
end

-- --- values ------------------------------------------------------------------------------------

local function add_settings(lines, optimizer)
    local fine, arguments = pcall(function() return optimizer.arguments end)
    if not fine or type(arguments) ~= "table" or #arguments == 0 then return end
    local rows = {}
    for i, argument in ipairs(arguments) do
        local value = argument.value
        local text = type(value) == "string" and value or show.value(value)
        if not argument.given then text = text .. "  (default)" end
        rows[i] = { argument.name, text }
    end
    lines[#lines + 1] = paint("Settings of this one", "heading")
    add_table(lines, rows, 4)
end

local function object_page(value)
    local lines = {}
    local kind = core.type(value)
    local record = doc.of(value)
    if record and record.name ~= kind then
        add_record(lines, record)
        if kind == "optimizer" then add_settings(lines, value) end
        add_fields(lines, kind)
        add_members(lines, "Methods", kind .. ":")
        return lines
    end
    for line in (show.value(value, { rows = 8 }) .. "\n"):gmatch("(.-)\n") do
        lines[#lines + 1] = line
    end
    lines[#lines + 1] = ""
    add_kind(lines, kind)
    if kind == "optimizer" then add_settings(lines, value) end
    return lines
end

-- Where Lua's own manual explains a name.
local manual = "https://www.lua.org/manual/5.4/manual.html"

local function standard_name(value)
    for name, library in next, package.loaded do
        if name ~= "_G" and type(library) == "table" and rawget(_G, name) == library then
            for key, member in next, library do
                if member == value then return name .. "." .. tostring(key) end
            end
            if library == value then return name end
        end
    end
    for key, member in next, _G do
        if member == value and not require "descent"[key] then return key end
    end
end

local standard = {}
for name in ([[assert collectgarbage dofile error getmetatable ipairs load loadfile next pairs
    pcall print rawequal rawget rawlen rawset require select setmetatable tonumber tostring type
    warn xpcall coroutine debug io math os package string table utf8]]):gmatch("%S+") do
    standard[name] = true
end

local words = {}
for word in ([[and break do else elseif end false for function goto if in local nil not or repeat
    return then true until while]]):gmatch("%a+") do words[word] = true end

local function_text

local function function_page(value)
    local info = debug.getinfo(value, "S")
    local name = info.what == "C" and standard_name(value)
    if name and standard[name:match("^[^.]+")] then
        return { ("%s is Lua's own: %s#pdf-%s"):format(name, manual, name) }
    end
    if info.what == "C" then return { "a function without an entry" } end
    local lines = {}
    lines[1] = ("your function, defined at %s:%d"):format(info.short_src, info.linedefined)
    local text = function_text(value)
    for line in ((text or "") .. "\n"):gmatch("(.-)\n") do
        if text then lines[#lines + 1] = "    " .. line end
    end
    return lines
end

local function value_page(value)
    local kind = type(value)
    if kind == "userdata" and core.types[core.type(value)] then return object_page(value) end
    local record = doc.of(value)
    if record then
        local lines = record_page(record)
        if kind == "table" then
            add_members(lines, "Members", record.name .. ".")
            add_other_members(lines, value, record.name .. ".")
        end
        return lines
    end
    if kind == "function" then return function_page(value) end
    if kind == "nil" then return { 'nil is no value; help "name" takes a name' } end
    local lines = {}
    local name = kind == "table" and standard_name(value)
    if name then
        lines[1] = ("%s is a library of Lua's own: %s#6"):format(name, manual)
        add_other_members(lines, value, name .. ".")
        return lines
    end
    lines[1] = show.value(value, { rows = 8 })
    lines[2] = "    " .. (kind == "userdata" and "an object of another library" or "a " .. kind)
    return lines
end

-- --- names -------------------------------------------------------------------------------------

-- A global name without running anything of the user's; undefined names are nil.
local function global(name)
    local value = rawget(_G, name)
    if value == nil then value = require "descent"[name] end
    return value
end

-- The value behind "optim.adam", "r", "r:step", "r.trace"; nil where there is none.
local function resolve(name)
    local first, rest = name:match("^([%a_][%w_]*)(.*)$")
    if not first then return nil end
    local value = global(first)
    while value ~= nil and rest ~= "" do
        local key
        key, rest = rest:match("^%s*[.:]%s*([%a_][%w_]*)(.*)$")
        if not key then return nil end
        if type(value) == "userdata" and core.types[core.type(value)] then
            value = core.types[core.type(value)].methods[key]
        elseif type(value) == "table" then
            local member = rawget(value, key)
            if member == nil and (doc.of(value) or value == require "descent") then
                local fine, found = pcall(function() return value[key] end)
                member = fine and found or nil
            end
            value = member
        else
            return nil
        end
    end
    return value
end

local function command_named(name)
    for _, command in ipairs(require "descent.prompt".commands()) do
        if command.name == name then return command end
    end
end

local function unknown_page(name)
    local names, full = {}, {}
    for _, record in ipairs(doc.all()) do
        local last = record.name:match("[^.:]+$")
        names[#names + 1], full[record.name] = record.name, record.name
        if not full[last] then names[#names + 1], full[last] = last, record.name end
    end
    local nearest = doc.nearest(name, names)
    local line = ("there is no help for %s"):format(name)
    if nearest then
        return { line .. ("; did you mean %s?"):format(full[nearest]) }
    end
    return { line .. ('; ?"%s" searches all texts, help() shows where to begin'):format(name) }
end

local function several_page(name, records)
    local lines, rows = { ("%s is the name of several things:"):format(name) }, {}
    for i, record in ipairs(records) do rows[i] = { record.name, record.summary } end
    add_table(lines, rows, 4)
    return lines
end

local function name_page(name)
    local command = name:match("^:(%a[%w_]*)$")
    if command then
        command = command_named(command)
        if command then
            return { paint(":" .. (command.usage or command.name):gsub("^:", ""), "heading"),
                "    " .. command.summary }
        end
        return { ("there is no command %s; :help lists them"):format(name) }
    end
    local value = resolve(name)
    if value ~= nil and (doc.of(value) or not doc.documented(name)) then
        return value_page(value)
    end
    if core.types[name] and not doc.documented(name) and value == nil then
        local lines = {}
        add_kind(lines, name)
        return lines
    end
    local record, records = doc.named(name)
    if not record and name:find("^[%w_]+[.:]") then -- r:step, where r is not a run
        local member = name:match("[.:]([%w_]+)$")
        local prefix = ":" .. (member or "")
        for _, method in ipairs(doc.all()) do
            if member and method.name:sub(-#prefix) == prefix then
                records[#records + 1] = method
            end
        end
        record = records[1]
    end
    if #records > 1 then return several_page(name, records) end
    if record then
        local lines = record_page(record)
        if core.types[record.name] then
            lines = {}
            add_kind(lines, record.name)
        end
        return lines
    end
    if words[name] then
        return { ("%s is a word of Lua itself: %s#3.3"):format(name, manual) }
    end
    return unknown_page(name)
end

-- --- the overview ------------------------------------------------------------------------------

-- Every line fits in 80 columns, all in 24 rows.
local session = {
    { "d = data.line12", "a data set" },
    { "L = loss.least_squares(model.line, d)", "L[φ]: a loss of the parameters φ" },
    { "r = descend(L, optim.gd{alpha = 0.01})", "a run, standing at its start" },
    { "r:step()  explain(r)  r:back()  plot(r)", "one update; explained; undone; drawn" },
    { "r = fit(L, optim.adam{}, {steps = 500})", "all the way at once" },
}

-- What does something with the five nouns; all other functions work on numbers.
local verbs = {}
for name in ([[compare cross_validate derivative descend difference exercise explain export fit
    gradient graph guess help hessian jacobian lesson line_search plot race seed sweep why
    accuracy confusion r2]]):gmatch("%S+") do verbs[name] = true end

local function is_space(value)
    if type(value) == "table" then return true end
    return type(value) == "userdata" and core.type(value) ~= "array"
end

local function overview()
    local lines = { "data set -> model -> loss -> optimizer -> run -> explain, plot, lesson", "" }
    for _, row in ipairs(session) do
        lines[#lines + 1] = "  " .. row[1] .. (" "):rep(42 - #row[1]) .. row[2]
    end
    lines[#lines + 1] = ""
    local descent = require "descent"
    local spaces, functions, mathematics = {}, {}, {}
    for _, name in ipairs(descent.names()) do
        local list = mathematics
        if verbs[name] then
            list = functions
        elseif is_space(rawget(descent, name)) then
            list = spaces
        end
        list[#list + 1] = name
    end
    local function add(title, names)
        local room = math.min(page.columns(), 80) - 14
        for i, line in ipairs(terminal.wrap(table.concat(names, " "), room)) do
            lines[#lines + 1] = (i == 1 and paint(title, "heading") .. (" "):rep(14 - #title)
                or (" "):rep(14)) .. line
        end
    end
    add("Tables", spaces)
    add("Functions", functions)
    add("Arrays, math", mathematics)
    lines[#lines + 1] = ""
    lines[#lines + 1] = '?x  help on x (?optim, ?adam, ?r)    ?"word"  search    ??x  its source'
    lines[#lines + 1] = ":help  commands of the prompt        lesson \"line\"  a first lesson"
    return lines
end

-- --- what is called ----------------------------------------------------------------------------

-- ?text: the overview, a command, a name or a value's name.
function help.show(text)
    text = text:match("^%s*(.-)%s*$"):gsub("%(%s*%)$", "")
    if text == "" then return print_lines(overview()) end
    print_lines(name_page(text))
end

-- ?"word": every entry in which the word stands.
function help.search(word)
    if type(word) ~= "string" or word == "" then
        doc.fail("help.search takes a word: help.search \"momentum\"")
    end
    local found = doc.search(word)
    local rows = {}
    for i, record in ipairs(found) do rows[i] = { record.name, record.summary } end
    if #rows == 0 then return print_lines { ('no entry has "%s"'):format(word) } end
    local lines = {}
    add_table(lines, rows, 0)
    print_lines(lines)
end

local function lines_between(text, first, last)
    local lines, number = {}, 0
    for line in (text .. "\n"):gmatch("(.-)\n") do
        number = number + 1
        if number >= first and number <= last then lines[#lines + 1] = line end
    end
    return #lines > 0 and table.concat(lines, "\n") or nil
end

-- The source of a Lua function, or nil where it is not to be had.
function function_text(value)
    local info = debug.getinfo(value, "S")
    if info.what == "C" then return nil end
    local text
    if info.source:sub(1, 9) == "@descent/" then
        text = core.resource("lua/" .. info.source:sub(2))
    elseif info.source:sub(1, 1) == "@" then
        local file = io.open(info.source:sub(2), "r")
        text = file and file:read("a")
        if file then file:close() end
    elseif info.source:sub(1, 1) == "=" then
        local prompt = package.loaded["descent.prompt"]
        text = prompt and prompt.source and prompt.source(info.source)
    else
        text = info.source
    end
    return text and lines_between(text, info.linedefined, info.lastlinedefined)
end

-- Which folder of the source tree says how a value of the core works.
local folders = {
    array = "src/array/", data = "src/dataset/", dataset = "src/dataset/", loss = "src/loss/",
    model = "src/model/", optim = "src/optimizer/", random = "src/base/", run = "src/run/",
    penalty = "src/loss/", schedule = "src/optimizer/", symbol = "src/graph/",
}
-- Folders with a file for each name.
local filed = { loss = true, model = true, optim = true, penalty = true, schedule = true }

local function place_of(record)
    if record.name == "loss.per_example" then return "src/bind/own_loss.c" end
    local head, name = record.name:match("^([%w_]+)%.?([%w_]*)$")
    local folder = folders[record.name:match("^[%w_]+")] or "src/"
    return name and name ~= "" and filed[head] and folder .. name .. ".c" or folder
end

-- ??name: the source of a function of Lua; for what is built in, its equation and its file.
function help.source(name)
    local value = name
    if type(name) == "string" then value = resolve(name) or doc.value((doc.named(name))) end
    if type(value) == "table" and getmetatable(value) and getmetatable(value).__call then
        value = getmetatable(value).__call
    end
    local text = type(value) == "function" and function_text(value)
    if text then
        local info = debug.getinfo(value, "S")
        local place = ("-- %s:%d"):format(info.short_src, info.linedefined)
        return print_lines { paint(place, "dim"), text }
    end
    local record = value ~= nil and doc.of(value) or nil
    if not record and type(name) == "string" then record = doc.named(name) end
    if not record then
        if value == nil then return print_lines(unknown_page(tostring(name))) end
        return print_lines { "this value has no source text" }
    end
    local lines = { record.signature }
    page.add_text(lines, "built in, written in C: " .. place_of(record), 4)
    add_field(lines, "Equation", record.equation)
    add_field(lines, "Source", record.source)
    add_field(lines, "Elsewhere", record.elsewhere)
    print_lines(lines)
end

local function call(_, ...)
    if select("#", ...) == 0 then return print_lines(overview()) end
    local value = ...
    if type(value) == "string" then return help.show(value) end
    print_lines(value_page(value))
end

doc.define({
    name = "help", signature = "help(x)",
    summary = "Prints what is known about a value or a name; help() shows where to begin.",
    arguments = {
        { name = "x", type = "value", summary = "any value, or a name as a string" },
    },
    example = 'help "help.search"',
    result = [[
help.search(word)
    Lists the entries in which a word stands; ?"word" at the prompt.
Arguments
    word  string, required: upper and lower case are alike]],
}, help)

doc.define({
    name = "help.show", signature = "help.show(text)",
    summary = "Prints help on a name, an expression such as r:step, or a command; ?text.",
    arguments = {
        { name = "text", type = "string", required = true, summary = "empty: where to begin" },
    },
}, help.show)

doc.define({
    name = "help.search", signature = "help.search(word)",
    summary = 'Lists the entries in which a word stands; ?"word" at the prompt.',
    arguments = {
        { name = "word", type = "string", required = true,
            summary = "upper and lower case are alike" },
    },
}, help.search)

doc.define({
    name = "help.source", signature = "help.source(name)",
    summary = "Prints the source of a function written in Lua, or where the core has it; ??name.",
    arguments = {
        { name = "name", type = "value", required = true,
            summary = "a name as a string, or a function" },
    },
}, help.source)

return setmetatable(help, {
    __call = call,
    __tostring = function() return require("descent.show").namespace(help) end,
})
