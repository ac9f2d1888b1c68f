-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- batch.lua: many jobs at a time, each waiting most of its time for an isolated process.

local core = require "descent.core"
local failure = require "descent.failure"

local batch = {}

-- Calls work(item, pause) for every item, at most `most` at a time; work calls pause(process) to
-- wait for one. Returns the results in the order of the items, and whether Ctrl-C ended it; then
-- results are missing. An error in work is raised. `done(count)` is called after each.
function batch.run(items, most, work, done)
    local results, running, waiting = {}, {}, {}
    local next_item, count = 1, 0

    local function resume(i)
        waiting[i] = nil
        local fine, what = coroutine.resume(running[i], items[i], coroutine.yield)
        if not fine then error(what, 0) end
        if coroutine.status(running[i]) == "dead" then
            running[i], results[i], count = nil, what, count + 1
            if done then done(count) end
        else
            waiting[i] = what
        end
    end

    local function active()
        local list = {}
        for i in next, running do list[#list + 1] = i end
        table.sort(list)
        return list
    end

    local function go()
        while true do
            while next_item <= #items and #active() < most do
                running[next_item] = coroutine.create(work)
                next_item = next_item + 1
                resume(next_item - 1)
            end
            local list, processes = active(), {}
            if #list == 0 then return end
            for k, i in ipairs(list) do processes[k] = waiting[i] end
            core.host.wait(processes, 60)
            for _, i in ipairs(list) do resume(i) end
        end
    end

    local fine, problem = pcall(go)
    if fine then return results, false end
    for _, thread in next, running do coroutine.close(thread) end
    if failure.is_interrupt(problem) then return results, true end
    error(problem, 0)
end

return batch
