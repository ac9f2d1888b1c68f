-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- Lines of help: tables of two columns, wrapped texts, and the page of a record.

local show = require "descent.show"
local terminal = require "descent.terminal"

local page = {}

local paint = terminal.paint

local function columns()
    local wide = terminal.size()
    return math.max(40, math.min(wide, 100))
end
page.columns = columns

-- Adds a text, broken into lines.
function page.add_text(lines, text, indent)
    for _, line in ipairs(terminal.wrap(text, columns() - indent)) do
        lines[#lines + 1] = (" "):rep(indent) .. line
    end
end

-- Two columns: names, and summaries that continue below themselves.
function page.add_table(lines, rows, indent)
    local left = 0
    for _, row in ipairs(rows) do left = math.max(left, terminal.width(row[1])) end
    left = math.min(left, 34)
    local room = columns() - indent - left - 2
    for _, row in ipairs(rows) do
        local gap = left - terminal.width(row[1])
        local head = (" "):rep(indent) .. paint(row[1], "value")
        if gap < 0 then
            lines[#lines + 1], head = head, (" "):rep(indent)
            gap = left
        end
        for i, line in ipairs(terminal.wrap(row[2], room)) do
            local start = i == 1 and head .. (" "):rep(gap) or (" "):rep(indent + left)
            lines[#lines + 1] = start .. "  " .. line
        end
    end
end

-- Places where a line of code may be broken: spaces outside quotes, each with how deep in brackets
-- it is and whether a comma, a semicolon or a word that joins stands before it.
local function places_to_break(line)
    local places, depth, quote, first = {}, 0, nil, #line:match("^ *") + 1
    for at = first, #line do
        local char = line:sub(at, at)
        if quote then
            if char == quote then quote = nil end
        elseif char == '"' or char == "'" then
            quote = char
        elseif char:find("[({%[]") then
            depth = depth + 1
        elseif char:find("[)}%]]") then
            depth = depth - 1
        elseif char == " " then
            local before = line:sub(first, at - 1)
            places[#places + 1] = {
                at = at, depth = depth,
                joint = before:find("[,;]$") ~= nil or before:find("%f[%w]or$") ~= nil,
            }
        end
    end
    return places
end

-- A line of code in pieces of a width, broken where brackets nest least; what cannot be broken
-- stays long. `margin` begins the further pieces; without one they are indented as Lua is.
function page.break_code(line, width, margin)
    local pieces, indent = {}, line:match("^ *")
    while terminal.width(line) > width do
        local best
        for _, place in ipairs(places_to_break(line)) do
            local wide = terminal.width(line:sub(1, place.at - 1))
            if wide > width then break end
            place.cost = place.depth + (place.joint and 0 or 2) + (wide < width / 3 and 2 or 0)
            if not best or place.cost <= best.cost then best = place end
        end
        if not best then break end
        local alone = best.depth == 0 and best.joint
        pieces[#pieces + 1] = line:sub(1, best.at - 1)
        line = (margin or indent .. (alone and "" or "    ")) .. line:sub(best.at + 1)
    end
    pieces[#pieces + 1] = line
    return pieces
end

local type_words = {
    number = "number", integer = "integer", boolean = "true or false", rate = "number or schedule",
    string = "string", text = "string",
}

local raised = { [0] = "⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹" }

-- A range as it is read: a bound that only keeps integers exact is none, and 100000000 is 10⁸.
local function range_text(range)
    local least, most = range:match("^%[(%-?%d+), ([%d.e+]+)%]$")
    if least and tonumber(most) >= 1e15 then return "≥ " .. least end
    local sign, above = range:match("^([%[(])(%-?[%d.]+), inf%)$")
    if sign then return (sign == "(" and "> " or "≥ ") .. above end
    range = range:gsub("%f[%d]1e(%d)%f[%D]", function(power) return "10" .. raised[power + 0] end)
    range = range:gsub("%f[%d]1(0+)%f[%D]", function(zeros)
        return #zeros >= 6 and #zeros <= 9 and "10" .. raised[#zeros] or nil
    end)
    return (range:find("^[%[(]") and "in " or "") .. range
end

-- "number > 0", "average | velocity | sum", "array P"
function page.argument_type(argument)
    local text = type_words[argument.type] or argument.type
    local choices = argument.choices
    if argument.type == "choice" then
        choices = choices or argument.range
        return (choices:gsub("|", " | "))
    end
    if argument.shape then text = text .. " " .. argument.shape end
    if argument.range then text = text .. " " .. range_text(argument.range) end
    if argument.unit then text = text .. ", " .. argument.unit end
    return text
end

-- "default 0.9", "required", or nil
function page.argument_default(argument)
    if argument.required then return "required" end
    if argument.default_text then return "default " .. argument.default_text end
    if argument.default == nil then return nil end
    if type(argument.default) == "string" then return "default " .. argument.default end
    return "default " .. show.value(argument.default)
end

local function argument_rows(record)
    local rows = {}
    for i, argument in ipairs(record.arguments) do
        local name, symbol = argument.name, argument.symbol
        if symbol and symbol ~= name then name = name .. " " .. symbol end
        local default = page.argument_default(argument)
        local parts = { default }
        if argument.type ~= "value" then table.insert(parts, 1, page.argument_type(argument)) end
        local text = table.concat(parts, ", ")
        local summary = argument.summary or ""
        rows[i] = { name, text .. (text ~= "" and summary ~= "" and ": " or "") .. summary }
    end
    return rows
end

function page.add_field(lines, title, text)
    if not text then return end
    lines[#lines + 1] = paint(title, "heading")
    page.add_text(lines, text, 4)
end

local function add_example(lines, record)
    if not record.example then return end
    lines[#lines + 1] = paint("Example", "heading")
    for line in (record.example:gsub("%s+$", "") .. "\n"):gmatch("(.-)\n") do
        for _, piece in ipairs(page.break_code(line, columns() - 4)) do
            lines[#lines + 1] = "    " .. piece
        end
    end
    if not record.result or record.result == "" then return end
    for line in (record.result:gsub("%s+$", "") .. "\n"):gmatch("(.-)\n") do
        for _, piece in ipairs(page.break_code(line, columns() - 8, "    ")) do
            lines[#lines + 1] = paint("    --> " .. piece, "dim")
        end
    end
end

-- Adds the page of a record.
function page.add_record(lines, record)
    for _, piece in ipairs(page.break_code(record.signature, columns())) do
        lines[#lines + 1] = paint(piece, "heading")
    end
    page.add_text(lines, record.summary, 4)
    if #record.arguments > 0 then
        lines[#lines + 1] = paint("Arguments", "heading")
        page.add_table(lines, argument_rows(record), 4)
    end
    page.add_field(lines, "Returns", record.returns)
    page.add_field(lines, "Errors", record.errors)
    page.add_field(lines, "Equation", record.equation)
    page.add_field(lines, "Source", record.source)
    page.add_field(lines, "Elsewhere", record.elsewhere)
    add_example(lines, record)
end

return page
