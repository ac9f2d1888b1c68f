-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- failure.lua: what is said of a submission that stops before it has a result.

local doc = require "descent.doc"
local environment = require "descent.lesson.environment"
local value = require "descent.exercise.value"

local failure = {}

-- What errors that everybody meets are about.
local REASONS = {
    { "index (0) is outside", "Lists count from 1." },
    { "index %-?%d+ is outside 1%.%.(%d+)", "The list has %s elements: does a loop go too far?" },
    { "on a nil value %(field '%?'%)",
      "An element is not there: lists count from 1 to #list, and a new list is empty at first." },
    { "attempt to call a nil value %(global '([%w_]+)'%)",
      "There is no function %s: is it spelt like that?" },
    { "on a nil value %(global '([%w_]+)'%)",
      "%s has no value: is it spelt like that, and does it get one before?" },
    { "on a nil value %(local '([%w_]+)'%)", "%s has no value there." },
    { "attempt to index a number value %(local '([%w_]+)'%)",
      "%s is a number, not a list." },
    { "attempt to perform arithmetic on a function value %(%w+ '([%w_]+)'%)",
      "%s is a function: call it, as in %s(...)." },
    { "bad argument #%d+ to '(%w+)' %(number expected, got descent%.array",
      "math.%s takes numbers only; %s, without math., takes arrays too." },
    { "attempt to compare nil with number", "What is compared has no value there." },
}

-- What is said of an error.
function failure.of_error(result, fn, parameters)
    local at = result.line and (" at line %d"):format(result.line) or ""
    if result.missing then
        local defined = {}
        for _, name in ipairs(result.defined or {}) do
            if value.is_name(name) and environment.builtin(name) == nil then
                defined[#defined + 1] = name
            end
        end
        local near = doc.nearest(fn, defined)
        return ("There is no function %s%s"):format(fn, near
            and ("; is it the one you called %s?"):format(near) or #defined > 0
            and (" (there is %s)."):format(table.concat(defined, ", ", 1, math.min(#defined, 3)))
            or ".")
    end
    local message = tostring(result.message or "an error")
    local place = message:match("^argument (%d+), a function, cannot be called like this")
    local name = place and parameters and parameters[tonumber(place)]
    if name then
        return ("It stops%s: %s is called with something that it cannot use%s."):format(at, name,
            name == "gradient" and "; it takes a list, such as phi" or "")
    end
    local words = ("It stops%s: %s."):format(at, (message:gsub("%.$", "")))
    if result.stage == "load" then words = words:gsub("^It", "The file", 1) end
    for _, reason in ipairs(REASONS) do
        local name = message:match(reason[1])
        if name then return words .. " " .. reason[2]:gsub("%%s", name) end
    end
    return words
end

local VERDICTS = {
    time = "It does not come to an end in the time it has.",
    memory = "It uses more memory than it may.",
    output = "It prints or returns more than it may.",
    forbidden = "It does something that an answer may not do",
    crash = "It ends the program that runs it",
}

-- What is said where it was ended from outside.
function failure.of_end(result)
    local words = VERDICTS[result.verdict] or "It fails"
    if result.verdict == "forbidden" then
        words = result.message or words
    elseif result.verdict == "crash" and result.message then
        words = words .. ": " .. result.message
    end
    local line = result.line and (" (line %d)"):format(result.line) or ""
    return (words:gsub("[%.%s]*$", line .. "."))
end

return failure
