-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- plot.live: a run stepping before one's eyes. On a terminal only the cells that changed are sent.

local core = require "descent.core"
local doc = require "descent.doc"
local output = require "descent.plot.output"
local scene = require "descent.plot.scene"
local terminal = require "descent.terminal"
local text = require "descent.plot.text"

local host = core.host

local record = {
    name = "plot.live",
    signature = "plot.live(r, {fps = 15, steps =, paused = false})",
    summary = "Steps a run and draws it at each step: data and model beside the surface with the "
        .. "path, or beside the loss. Keys: space pauses and goes on, s or → makes one step, b or "
        .. "← undoes one, + and − change how many updates a frame makes, q quits. The run stands "
        .. "where it was left. Where there is no terminal the steps are made and the plot is drawn "
        .. "once.",
    arguments = {
        { name = "fps", type = "number", default = 15, range = "(0, 60]",
          summary = "frames a second, at most" },
        { name = "steps", type = "integer", range = "[1, 1e9]",
          default_text = "until q is typed; 100 without a terminal",
          summary = "updates after which it pauses" },
        { name = "paused", type = "boolean", default = false,
          summary = "begin with a pause" },
    },
    returns = "nothing",
    errors = "what is no run",
    example = [[
L = loss.least_squares(model.line, data.line12)
r = descend(L, optim.gd{alpha = 0.01}, {start = {1.6, -0.5}})
plot.output("none")
plot.live(r, {steps = 100})
print(r.t, plot.describe():match("[^\n]*"))]],
    result = "100	gradient descent, t = 100, L[φ] = 0.2008.",
}

local MOST_SPEED = 1 << 16
local PATIENCE = 0.2 -- seconds: a Ctrl-C just before the wait is seen after it

local SIDE_BY_SIDE, BELOW = 74, 24 -- columns and rows that two panels need

local keys_of = {
    [" "] = "pause", s = "step", ["\27[C"] = "step", ["\27OC"] = "step", b = "back",
    ["\27[D"] = "back", ["\27OD"] = "back", ["+"] = "faster", ["="] = "faster", ["-"] = "slower",
    q = "quit", Q = "quit", ["\27"] = "quit", ["\4"] = "quit",
}

-- The keys in what was typed, in their order: a sequence of escape is one key.
local function each_key(typed)
    return typed:gmatch("\27?[%[O]?[%z\1-\127\194-\244][\128-\191]*")
end

local function status_line(self)
    local state = self.paused and (self.words or "paused") or "running"
    local speed = self.speed == 1 and "" or (", %d updates a frame"):format(self.speed)
    local help = self.unicode and "space pause  s/→ step  b/← back  +/− speed  q quit"
        or "space pause  s step  b back  +/- speed  q quit"
    return ("%s%s   %s"):format(state, speed, help)
end

-- --- on the terminal ---------------------------------------------------------------------------

local view = {}
view.__index = view

-- Sends what changed; the first time, and after a change of the window's size, everything.
function view:draw(full)
    local style = output.style()
    style.rows = style.rows - 1
    self.unicode = style.unicode
    -- Where two panels stand neither beside nor below each other, the second: the way of the run.
    if #full.panels > 1 and style.columns < SIDE_BY_SIDE and style.rows < BELOW then
        full = { title = full.title, panels = { full.panels[#full.panels] } }
    end
    local target = text.screen(full, style)
    if not target then
        doc.fail("plot.live: it needs a terminal of at least %d × %d", text.least_columns,
            text.least_rows + 2)
    end
    target.rows = style.rows + 1
    target:write(style.rows, 0, terminal.clip(status_line(self), style.columns - 1, style.unicode))
    local before, parts = self.shown, nil
    if before and before.columns == target.columns and before.rows == target.rows then
        parts = target:difference(before)
        if parts == "" then return end
    else
        local lines = target:lines()
        parts = (before and "\27[2J\27[H" or "") .. table.concat(lines, "\n") .. "\n"
    end
    self.shown = target
    -- Shown at once where the terminal knows how: no half of a frame is seen.
    io.write("\27[?2026h", parts, "\27[?2026l")
    io.flush()
end

function view:act(run, what)
    if what == "pause" then
        self.paused = not self.paused
    elseif what == "step" then
        self.paused = true
        run:step(1)
    elseif what == "back" then
        self.paused = true
        if run.t > 0 then run:back(1) end
    elseif what == "faster" then
        self.speed = math.min(MOST_SPEED, self.speed * 2)
    elseif what == "slower" then
        self.speed = math.max(1, self.speed // 2)
    end
    self.words = nil
end

local function diverged(run)
    local loss = run.loss
    return loss ~= loss or loss == math.huge
end

local function interactive(run, checked, keys)
    local stage = scene.new(run, { ahead = math.min(checked.steps or 100, 1000) })
    local self = setmetatable({ paused = checked.paused, speed = 1 }, view)
    local goal = checked.steps and run.t + checked.steps
    -- Whatever ends this, the terminal is as it was before.
    local _ <close> = setmetatable({}, { __close = function()
        keys:close()
        io.write("\27[?25h\27[0m")
        io.flush()
    end })
    io.write("\27[?25l")
    local full = stage:frame()
    self:draw(full)
    output.remember(full)
    local next_time = host.clock() + 1 / checked.fps
    while true do
        local wait = self.paused and PATIENCE or math.max(0, next_time - host.clock())
        local typed, changed = keys:read(wait), false
        if not typed then error("interrupted", 0) end
        for key in each_key(typed) do
            local what = keys_of[key]
            if what == "quit" then return end
            if what then
                self:act(run, what)
                changed = true
            end
        end
        local columns, rows = terminal.size()
        changed = changed or columns ~= self.columns or rows ~= self.rows
        self.columns, self.rows = columns, rows
        if not self.paused and host.clock() >= next_time then
            local count = self.speed
            if goal and run.t < goal then count = math.min(count, goal - run.t) end
            run:step(count)
            changed = true
            if run.reason == "interrupted" then error("interrupted", 0) end
            if goal and run.t >= goal then
                self.paused, self.words, goal = true, "done", nil
            elseif diverged(run) then
                self.paused, self.words = true, "diverged"
            end
            -- Frames that could not be drawn in time are left out.
            next_time = math.max(next_time + 1 / checked.fps, host.clock())
        end
        if changed then
            full = stage:frame()
            self:draw(full)
            output.remember(full)
        end
    end
end

-- --- the verb ----------------------------------------------------------------------------------

local function live(...)
    local options = {}
    for i = 1, select("#", ...) do
        local value = select(i, ...)
        if type(value) == "table" and not getmetatable(value) then
            for key, item in pairs(value) do
                options[math.type(key) == "integer" and #options + 1 or key] = item
            end
        else
            options[#options + 1] = value
        end
    end
    local checked = doc.options(record, options, 1)
    local run = checked[1]
    if core.type(run) ~= "run" then
        doc.fail("plot.live: a run is needed, not %s: %s", run == nil and "nothing"
            or "a " .. core.type(run), record.signature)
    end
    local kind = output.kind()
    local keys = kind ~= "none" and os.getenv("TERM") ~= "dumb" and host.keys()
    if keys then
        interactive(run, checked, keys)
    else
        run:step(checked.steps or 100)
        output.show_completed(scene.new(run):frame())
    end
end

return doc.define(record, live)
