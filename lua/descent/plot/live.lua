-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- plot.live: a run stepping before one's eyes, in characters, pictures or a window (plot/view.lua).

local core = require "descent.core"
local doc = require "descent.doc"
local output = require "descent.plot.output"
local scene = require "descent.plot.scene"
local terminal = require "descent.terminal"
local label = require "descent.plot.label"
local view = require "descent.plot.view"

local host = core.host

local record = {
    name = "plot.live",
    signature = "plot.live(r, {fps = 15, steps =, paused = false})",
    summary = "Steps a run and draws it at each step: data and model beside the surface with the "
        .. "path, or beside the loss. Keys: space pauses and goes on, s or → makes one step, b or "
        .. "← undoes one, + and − change how many updates a frame makes, ↑ and ↓ change α by a "
        .. "quarter, q quits. The run stands where it was left; with another α a fork of it goes "
        .. "on, and is returned. Where there is no terminal the steps are made and the plot is "
        .. "drawn once.",
    arguments = {
        { name = "fps", type = "number", default = 15, range = "(0, 60]",
          summary = "frames a second, at most" },
        { name = "steps", type = "integer", range = "[1, 1e9]",
          default_text = "until q is typed; 100 without a terminal",
          summary = "updates after which it pauses" },
        { name = "paused", type = "boolean", default = false,
          summary = "begin with a pause" },
    },
    returns = "nothing; where α was changed, the run that went on with it",
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

local ALPHA_FACTOR = 1.25

local keys_of = {
    [" "] = "pause", ["\27[A"] = "up", ["\27OA"] = "up", ["\27[B"] = "down", ["\27OB"] = "down",
    s = "step", ["\27[C"] = "step", ["\27OC"] = "step", b = "back",
    ["\27[D"] = "back", ["\27OD"] = "back", ["+"] = "faster", ["="] = "faster", ["-"] = "slower",
    q = "quit", Q = "quit", ["\27"] = "quit", ["\4"] = "quit",
}

-- The keys in what was typed, in their order: a sequence of escape is one key.
local function each_key(typed)
    return typed:gmatch("\27?[%[O]?[%z\1-\127\194-\244][\128-\191]*")
end

-- The rule's α where it is a number.
local function alpha_of(run)
    for _, argument in ipairs(run.optimizer.arguments) do
        if argument.name == "alpha" then
            return type(argument.value) == "number" and argument.value or nil
        end
    end
end

local function status_line(self)
    local alpha, unicode = alpha_of(self.run), self.view.unicode
    local parts = { self.paused and (self.words or "paused") or self.words or "running" }
    if alpha then
        local text = label.number(alpha, 3)
        parts[#parts + 1] = unicode and "α = " .. text or "alpha = " .. label.ascii(text)
    end
    if self.speed > 1 then parts[#parts + 1] = ("%d updates a frame"):format(self.speed) end
    local help = "space pause  s/→ step  b/← back  +/− speed  ↑/↓ α  q quit"
    if not unicode then help = "space pause  s step  b back  +/- speed  q quit" end
    return table.concat(parts, ", ") .. "   " .. help
end

-- --- on the terminal ---------------------------------------------------------------------------

local session = {}
session.__index = session

-- The rule goes on with another α from here: a fork, for what was is not changed.
function session:change_alpha(factor)
    local alpha = alpha_of(self.run)
    if not alpha then
        self.words = "α follows a schedule"
        return
    end
    self.run = self.run:fork { at = self.run.t, alpha = alpha * factor }
    self.stage:follow(self.run)
    self.forked = true
end

function session:act(what)
    local run = self.run
    self.words = nil
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
    elseif what == "up" then
        self:change_alpha(ALPHA_FACTOR)
    elseif what == "down" then
        self:change_alpha(1 / ALPHA_FACTOR)
    end
end

local function diverged(run)
    local loss = run.loss
    return loss ~= loss or loss == math.huge
end

function session:show()
    local full = self.stage:frame()
    self.view:draw(full, status_line(self))
    output.remember(full)
end

local function interactive(run, checked, keys)
    local self = setmetatable({
        run = run, paused = checked.paused, speed = 1, view = view.new(),
        stage = scene.new(run, { ahead = math.min(checked.steps or 100, 1000) }),
    }, session)
    local goal = checked.steps and run.t + checked.steps
    -- Whatever ends this, the terminal is as it was before.
    local _ <close> = setmetatable({}, { __close = function()
        self.view:close()
        keys:close()
        io.write("\27[?25h\27[0m")
        io.flush()
    end })
    io.write("\27[?25l")
    self:show()
    local next_time = host.clock() + 1 / checked.fps
    while true do
        local wait = self.paused and PATIENCE or math.max(0, next_time - host.clock())
        local typed, changed = keys:read(wait), false
        if not typed then error("interrupted", 0) end
        for key in each_key(typed) do
            local what = keys_of[key]
            if what == "quit" then return self.forked and self.run or nil end
            if what then
                self:act(what)
                changed = true
            end
        end
        run = self.run
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
        if changed then self:show() end
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
        return interactive(run, checked, keys)
    else
        run:step(checked.steps or 100)
        output.show_completed(scene.new(run):frame())
    end
end

return doc.define(record, live)
