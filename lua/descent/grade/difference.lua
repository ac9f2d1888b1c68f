-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- difference.lua: whose marks a new grading changes, before anyone is told of it.

local difference = {}

local function number(value) return ("%.4g"):format(value) end

-- Lines of text: one for each submission whose points or verdicts are not what they were.
function difference.lines(before, after)
    local old, seen, lines, same = {}, {}, {}, 0
    for _, row in ipairs(before) do old[row.submission] = row end
    for _, row in ipairs(after) do
        local was = old[row.submission]
        seen[row.submission] = true
        if not was then
            lines[#lines + 1] = ("%s: new, %s of %s"):format(row.submission, number(row.points),
                number(row.maximum))
        else
            local verdicts, changes = {}, {}
            for _, check in ipairs(was.checks) do verdicts[check.id] = check.verdict end
            for _, check in ipairs(row.checks) do
                local then_ = verdicts[check.id]
                if then_ ~= check.verdict then
                    changes[#changes + 1] = ("%s %s -> %s"):format(check.id, then_ or "not there",
                        check.verdict)
                end
                verdicts[check.id] = nil
            end
            for _, check in ipairs(was.checks) do
                if verdicts[check.id] then changes[#changes + 1] = check.id .. " is gone" end
            end
            local moved = was.points ~= row.points or was.maximum ~= row.maximum
            if moved or #changes > 0 then
                lines[#lines + 1] = ("%s: %s of %s -> %s of %s%s"):format(row.submission,
                    number(was.points), number(was.maximum), number(row.points),
                    number(row.maximum),
                    #changes > 0 and " (" .. table.concat(changes, ", ") .. ")" or "")
            else
                same = same + 1
            end
        end
    end
    for _, row in ipairs(before) do
        if not seen[row.submission] then
            lines[#lines + 1] = ("%s: not graded this time, was %s of %s"):format(row.submission,
                number(row.points), number(row.maximum))
        end
    end
    lines[#lines + 1] = ("%d unchanged, %d changed"):format(same, #lines)
    return lines
end

return difference
