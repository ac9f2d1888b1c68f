-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- plot.record: the updates of a run as a film.

local core = require "descent.core"
local doc = require "descent.doc"
local label = require "descent.plot.label"
local output = require "descent.plot.output"
local scene = require "descent.plot.scene"

local MOST_FRAMES = 300

local record = {
    name = "plot.record",
    signature = 'plot.record("run.gif", r, {fps = 15, frames = 100, size =, theme =, font =})',
    summary = "Writes the updates that a run has made as a film, a GIF: what plot.live shows. "
        .. "Of many updates some are shown, the first and the last always. The file is written "
        .. "whole or not at all.",
    arguments = {
        { name = "fps", type = "number", default = 15, range = "[1, 50]",
          summary = "frames a second" },
        { name = "frames", type = "integer", default = 100, range = "[2, 300]",
          summary = "frames at most" },
        { name = "size", type = "array", shape = "2", default_text = "{1000, 480}; one panel "
            .. "{700, 480}", summary = "width and height in pixels" },
        { name = "theme", type = "choice", choices = "dark|light",
          default_text = "as plot.theme says", summary = "the ground of the film" },
        { name = "font", type = "value", default_text = "12",
          summary = "its size, or name and size" },
    },
    returns = "nothing",
    errors = "a run that stands at t = 0, another ending, a folder that is not there, no gnuplot",
    example = [[
L = loss.least_squares(model.line, data.line12)
r = descend(L, optim.gd{alpha = 0.01}, {start = {1.6, -0.5}})
fine, reason = pcall(plot.record, "run.png", r)
print(reason:match("plot.record.*"))]],
    result = 'plot.record: "run.png" must end in .gif',
}

-- Times of the frames, from 0 to the end.
local function times_of(last, most)
    local times = {}
    local count = math.min(last + 1, most)
    for k = 1, count do times[k] = (k - 1) * last // (count - 1) end
    return times
end

-- The same plot with the path, the loss and the model as they were at an earlier time.
local function frames_of(run, times)
    local copy = run:fork { at = 0 }
    -- What the whole run crosses is on the axes from the first frame on.
    local stage = scene.new(run, { n = 80 })
    stage:frame()
    stage.run, stage.fixed = copy, true
    stage.updates = run.t
    local frames = {}
    for k, t in ipairs(times) do
        copy:to(t)
        local full = stage:frame()
        full.title = label.clean(full.title or "")
        frames[k] = full
    end
    return frames
end

local function film(path, run, options)
    if type(path) ~= "string" or path == "" then
        doc.fail("plot.record: a file name is needed, such as \"run.gif\"")
    end
    if not path:lower():find("%.gif$") then
        doc.fail("plot.record: \"%s\" must end in .gif", label.clean(path))
    end
    if core.type(run) ~= "run" then
        doc.fail("plot.record: a run is needed, not %s: %s", run == nil and "nothing"
            or "a " .. core.type(run), record.signature)
    end
    if options ~= nil and type(options) ~= "table" then
        doc.fail("plot.record: options are given in braces, as in %s", record.signature)
    end
    local checked = doc.options(record, options or {})
    if run.t == 0 then
        doc.fail("plot.record: the run stands at t = 0; after r:step(100) there is more to see")
    end
    local frames = frames_of(run, times_of(run.t, math.min(checked.frames, MOST_FRAMES)))
    output.film(path, frames, checked)
end

return doc.define(record, film)
