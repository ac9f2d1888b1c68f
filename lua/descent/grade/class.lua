-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- class.lua: what many submissions have in common: how many pass, and which mistakes they share.

local class = {}

local WORDS = { error = "stops with an error", time = "does not come to an end in time",
    memory = "uses too much memory", output = "prints too much",
    forbidden = "uses what is not there while it is graded", crash = "ends its process" }

-- What is said of a check that did not pass, short enough to be counted. Only a wrong answer
-- without a name belongs to its check alone.
function class.reason(check)
    if check.mistake_title then return check.mistake_title end
    if check.verdict == "error" and check.stage == "load" then return "the file cannot be run" end
    return WORDS[check.verdict] or check.title .. ": another wrong answer"
end

-- The first check that did not pass, or nil.
function class.first_failure(row)
    for _, check in ipairs(row.checks) do
        if check.verdict ~= "pass" then return check end
    end
end

-- {count, passed, mean, maximum, groups = {{say, names}, ...} (the largest first), checks = {{id,
-- title, passed}, ...}}
function class.of(rows)
    local result = { count = #rows, passed = 0, sum = 0, maximum = rows[1] and rows[1].maximum or 0,
        groups = {}, checks = {} }
    local groups, checks = {}, {}
    for _, row in ipairs(rows) do
        if row.passed then result.passed = result.passed + 1 end
        result.sum = result.sum + row.points
        local said = {}
        for _, check in ipairs(row.checks) do
            local known = checks[check.id]
            if not known then
                known = { id = check.id, title = check.title, passed = 0 }
                checks[check.id] = known
                result.checks[#result.checks + 1] = known
            end
            if check.verdict == "pass" then
                known.passed = known.passed + 1
            else
                local say = class.reason(check)
                if not groups[say] then
                    groups[say] = { say = say, names = {}, place = #result.groups }
                    result.groups[#result.groups + 1] = groups[say]
                end
                if not said[say] then table.insert(groups[say].names, row.submission) end
                said[say] = true
            end
        end
    end
    table.sort(result.groups, function(a, b)
        if #a.names ~= #b.names then return #a.names > #b.names end
        return a.place < b.place
    end)
    result.mean = #rows > 0 and result.sum / #rows or 0
    return result
end

return class
