-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- A session as a script: expressions become print, results stand below as `--> ` comments.
-- `descent check` runs it and compares them.

local tokens = require "descent.prompt.tokens"

local transcript = {}

local result_names = {_ = true, __ = true, out = true}

-- True where an entry reads the last results; `for _, v in` and `_, b = f()` do not.
local function reads_results(text)
    local list = tokens.scan(text)
    for i, token in ipairs(list) do
        if token.kind == "name" and result_names[token.text] then
            local before = list[i - 1] and list[i - 1].text
            local after = list[i + 1] and list[i + 1].text
            local given = after == "=" or after == "," or after == "in" or before == "for"
                or before == "local" or before == "." or before == ":"
            if not given then return true end
        end
    end
    return false
end

local function comment(prefix, text)
    return prefix .. text:gsub("\n", "\n" .. prefix)
end

-- The text up to its last word, without the semicolons that silence it.
local function expression_of(text)
    local list = tokens.scan(text)
    local last = #list
    while last > 0 and list[last].text == ";" do last = last - 1 end
    return text:sub(1, last > 0 and list[last].last or 0)
end

local function is_statement(text) return load(text, "=?", "t", {}) ~= nil end

-- An expression: kept for `_` where later entries read it, printed where the prompt printed it.
local function expression_lines(entry, text, with_results)
    local expression = expression_of(text)
    local has_value = entry.results > 0
    if expression == "" then return {entry.text} end -- a comment alone
    local value = expression
    local lines = {}
    if with_results and entry.results > 1 and not entry.absent then
        lines[1] = ("_all = table.pack(%s)"):format(expression)
        lines[2] = "__, _ = _, _all[1]"
        lines[3] = "out[#out + 1] = _"
        value = "table.unpack(_all, 1, _all.n)"
    elseif with_results and has_value and not entry.absent then
        lines[1] = ("__, _ = _, %s"):format(expression)
        lines[2] = "out[#out + 1] = _"
        value = "_"
    elseif not has_value or entry.silent then
        if not is_statement(expression) then return {comment("-- ", expression)} end
        return {expression:sub(1, 1) == "(" and ";" .. expression or expression}
    end
    if not entry.silent then
        if entry.is_table then value = ('require("descent.show").value(%s)'):format(value) end
        lines[#lines + 1] = ("print(%s)"):format(value)
        local shown = entry.plain
        -- An address differs each time.
        if shown and not shown:find("0x%x%x%x%x") then
            lines[#lines + 1] = comment("--> ", shown)
        end
    end
    return lines
end

-- The name that an entry gives its first value to, or nil.
function transcript.assigned(text)
    return text:match("^%s*local%s+([%a_][%w_]*)%s*=[^=]")
        or text:match("^%s*([%a_][%w_]*)%s*=[^=]")
end

-- Lines that do what was chosen in the menu of Ctrl-C, after those of the entry.
local function menu_lines(entry)
    local forks, lines = entry.forks or {}, {}
    local name = transcript.assigned(entry.text)
    for i, fork in ipairs(forks) do
        local there = i > 1 and (":to(%d)"):format(fork.at) or "" -- the first stands there already
        lines[i] = name and ("%s = %s%s:fork{alpha = %.17g}"):format(name, name, there, fork.alpha)
            or ("-- at update %d alpha became %.17g in the menu of Ctrl-C"):format(fork.at,
                fork.alpha)
    end
    if forks.last and name then lines[#lines + 1] = ("%s:to(%d)"):format(name, forks.last) end
    return lines
end

local function code_lines(entry, text, with_results)
    if entry.script then return {entry.script} end
    if entry.expression then return expression_lines(entry, text, with_results) end
    -- What was declared local lived on at the prompt, and so it does here.
    text = tokens.release(text):match("^%s*(.-)%s*$")
    if tokens.returns(text) then -- it ended the entry; it must not end the script
        local value = text:match("^return%f[^%w_](.*)$")
        if not value or expression_of(value) == "" then
            value = "(function()\n" .. text .. "\nend)()"
        end
        return expression_lines(entry, value:match("^%s*(.*)$"), with_results)
    end
    if text:sub(1, 1) == "(" then text = ";" .. text end -- else it would call what stands before
    return {text}
end

local function entry_lines(entry, with_results)
    local text = entry.text:match("^%s*(.-)%s*$")
    if not entry.ok then
        local why = entry.cut_off and "-- cut off: " or "-- failed: "
        return text ~= "" and {comment(why, text)} or {}
    end
    local lines = code_lines(entry, text, with_results)
    if (entry.stop_after or 0) > 0 then
        local stop = 'require("descent.core").host.stop_after(%d) -- updates, as Ctrl-C did'
        table.insert(lines, 1, stop:format(entry.stop_after))
        local more = menu_lines(entry)
        table.move(more, 1, #more, #lines + 1, lines)
    end
    return lines
end

-- The script of an entry that loads runs; their files are added to `files`.
local function with_runs(entry, files, place)
    local script = entry.script
    for _, kept in ipairs(entry.runs) do
        files[#files + 1] = kept.bytes
        local first, last = script:find(("%q"):format(kept.path), 1, true)
        script = script:sub(1, first - 1) .. place(#files) .. script:sub(last + 1)
    end
    return script
end

-- The text, the number of entries in it, and the files of runs that it loads, as strings. place(k)
-- is the code that names the k-th of them.
function transcript.script(entries, place)
    local with_results = false
    for _, entry in ipairs(entries) do
        with_results = with_results or (entry.ok and reads_results(entry.text))
    end
    local lines = {
        "-- A session with descent; `descent check FILE` runs it and compares the results.",
    }
    if with_results then lines[#lines + 1] = "local out, _, __, _all = {}, nil, nil, nil" end
    local count, files = 0, {}
    for _, entry in ipairs(entries) do
        local more = entry.runs and {with_runs(entry, files, place)}
            or entry_lines(entry, with_results)
        if #more > 0 then count = count + 1 end
        table.move(more, 1, #more, #lines + 1, lines)
    end
    lines[#lines + 1] = ""
    return table.concat(lines, "\n"), count, files
end

return transcript
