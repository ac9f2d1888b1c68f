-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- A run as it moves: the plot of it at each time, with axes that stay, for plot.live and
-- plot.record.

local description = require "descent.plot.description"
local fit = require "descent.plot.kind.fit"
local loss = require "descent.plot.kind.loss"
local surface = require "descent.plot.kind.surface"
local values = require "descent.plot.values"

local scene = {}
scene.__index = scene

local finite = description.finite

-- What the run reaches in some updates more: a copy makes them, perhaps on other batches.
local function ahead(run, updates)
    local fine, copy = pcall(function() return run:fork { at = run.t } end)
    if not fine then return nil end
    pcall(copy.step, copy, updates)
    return copy
end

function scene.new(run, options)
    local self = setmetatable({ run = run, options = options or {} }, scene)
    self.has_fit = run.model ~= nil and run.data ~= nil and not run.data.classes
    self.has_surface = run.objective.size == 2
    if self.has_surface then self:survey(self.options.ahead or 0) end
    return self
end

-- The surface around the path, and around where the next updates lead.
function scene:survey(updates)
    local given = { self.run, n = self.options.n }
    local copy = updates > 0 and ahead(self.run, updates)
    if copy then given[2] = copy end
    for _, name in ipairs(self.run.objective.components) do given[name] = self.options[name] end
    self.surface = surface.describe(given).panels[1]
    self.surface.title = "loss L[φ]"
    self.surface.about = nil
    local image = self.surface.image
    image.drawn = {}
    -- Completed once, and not at each frame.
    self.surface.image = description.complete { panels = { { image = image } } }.panels[1].image
end

local function inside(range, value) return value >= range[1] and value <= range[2] end

function scene:surface_panel()
    local run, image = self.run, self.surface.image
    local phi = run.phi
    local x, y = phi[1], phi[2]
    if finite(x) and finite(y) and finite(run.loss) and not (inside({ image.x0, image.x1 }, x)
        and inside({ image.y0, image.y1 }, y)) and not self.fixed then
        -- A run that diverges would ask for this at every update.
        self.surveys = (self.surveys or 0) + 1
        self.fixed = self.surveys >= 8
        self:survey(0)
    end
    local trace = run.trace.phi
    self.surface.layers = { {
        kind = "path", x = trace:col(1):table(), y = trace:col(2):table(),
        label = values.run_labels({ run })[1],
    } }
    return self.surface
end

-- The axis upwards grows with the model, and does not shrink again.
function scene:fit_panel()
    local panel = fit.describe({ self.run }).panels[1]
    panel.title = "data and model"
    local range, known = panel.y.range, self.fit_range
    if range and known then
        range = { math.min(range[1], known[1]), math.max(range[2], known[2]) }
    end
    panel.y.range, self.fit_range = range, range
    return panel
end

-- The loss so far; the axis across grows by powers of two.
function scene:loss_panel()
    local panel = loss.describe({ self.run }).panels[1]
    panel.title = "loss"
    self.updates = self.updates or math.max(16, self.options.ahead or 0)
    while self.run.t > self.updates do self.updates = 2 * self.updates end
    panel.x.range = { 0, self.updates }
    return panel
end

-- Another run from now on, a fork of the one before.
function scene:follow(run) self.run = run end

-- The completed plot of the run as it stands.
function scene:frame()
    local panels = {}
    if self.has_fit then panels[1] = self:fit_panel() end
    if self.has_surface then panels[#panels + 1] = self:surface_panel() end
    if #panels < 2 then panels[#panels + 1] = self:loss_panel() end
    return description.complete { title = values.run_title(self.run), panels = panels }
end

return scene
