-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- What an entry has shown, for the page that :save writes: what was printed, the results, the
-- errors, and the last plot.

local strict = require "descent.strict"

local record = {}

local MOST = 16000 -- bytes kept of what one entry shows

local pieces, size = {}, 0

-- Adds a text that was shown as "output" or "error".
function record.add(kind, text)
    if size > MOST then return end
    size = size + #text
    if size > MOST then text = text:sub(1, MOST) .. "\n...\n" end
    local last = pieces[#pieces]
    if last and last.kind == kind then
        last[#last + 1] = text
    else
        pieces[#pieces + 1] = {kind = kind, text}
    end
end

-- Of the plots it is the picture that is kept, and not its characters.
local function is_users()
    local info = debug.getinfo(3, "S")
    return not (info and info.source:sub(1, 9) == "@descent/")
end

local installed = false

-- Makes print and io.write tell what they write.
function record.install()
    if installed then return end
    installed = true
    local true_print, true_write = print, io.write
    strict.replace("print", function(...)
        if size <= MOST then
            local parts = table.pack(...)
            for i = 1, parts.n do parts[i] = tostring(parts[i]) end
            local line = table.concat(parts, "\t")
            record.add("output", line .. "\n")
            return true_print(line)
        end
        return true_print(...)
    end)
    io.write = function(...)
        if io.output() == io.stdout and is_users() then
            for i = 1, select("#", ...) do
                local part = select(i, ...)
                if type(part) == "string" or type(part) == "number" then
                    record.add("output", tostring(part))
                end
            end
        end
        return true_write(...)
    end
end

local function last_plot()
    local output = package.loaded["descent.plot.output"]
    local fine, plot = pcall(function() return output.last() end)
    return fine and plot or nil
end

local plot_before

function record.begin()
    pieces, size, plot_before = {}, 0, last_plot()
end

-- What was shown since record.begin: {{kind =, text =}...}, and the plot or nil.
function record.taken()
    local list = {}
    for i, piece in ipairs(pieces) do
        list[i] = {kind = piece.kind, text = table.concat(piece)}
    end
    local plot = last_plot()
    return list, plot ~= plot_before and plot or nil
end

return record
