-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- A script that is being written: its lines, and the blocks of numbers that its plots refer to.

local description = require "descent.plot.description"
local words = require "descent.plot.gnuplot.words"

local finite = description.finite
local MOST_CONTOURED = 200 -- points each way for contours: 400 take a second

local writer = {}
writer.__index = writer

function writer.new()
    local self = setmetatable({ surfaces = {}, count = 0 }, writer)
    self:next_frame()
    self:add("reset session")
    return self
end

-- Begins anew, for a gnuplot that has kept the surfaces: those of the last frame stay.
function writer:next_frame()
    self.parts, self.blocks = {}, 0
    for values, surface in pairs(self.surfaces) do
        if not surface.used then
            self:add("undefine %s %s", surface.name, surface.contours or "")
            self.surfaces[values] = nil
        end
        surface.used = false
    end
end

function writer:text() return table.concat(self.parts, "\n") .. "\n" end

function writer:add(format, ...)
    self.parts[#self.parts + 1] = select("#", ...) > 0 and format:format(...) or format
end

-- A datablock of rows; only numbers stand in it, for a row that began with its end marker would end
-- it.
function writer:block(name, rows)
    self:add("%s << EOD", name)
    self.parts[#self.parts + 1] = table.concat(rows, "\n")
    self:add("EOD")
end

-- The name of a block whose columns are the given lists.
function writer:columns(...)
    local lists = { ... }
    local rows = {}
    for i = 1, #lists[1] do
        local row = {}
        for k, list in ipairs(lists) do row[k] = words.number(list[i]) end
        rows[i] = table.concat(row, " ")
    end
    self.blocks = self.blocks + 1
    local name = "$data" .. self.blocks
    self:block(name, rows)
    return name
end

-- The digits in which neighbouring values still differ.
local function image_digits(image)
    local largest = math.max(math.abs(image.low), math.abs(image.high))
    local span = image.high - image.low
    return math.min(15, 5 + math.max(0, math.ceil(math.log(largest / span, 10))))
end

-- The name of the block of a surface, which is written once for all frames that show it.
function writer:image(image)
    local surface = self.surfaces[image.values]
    if not surface then
        self.count = self.count + 1
        surface = { name = "$surface" .. self.count }
        self.surfaces[image.values] = surface
        self:block(surface.name, writer.image_rows(image))
    end
    surface.used = true
    return surface.name
end

-- The name of the block of its contour lines at these levels; draws them first where they are new.
function writer:contours(image, levels, panel)
    local name, surface = self:image(image), self.surfaces[image.values]
    local list = {}
    for i, level in ipairs(levels) do list[i] = words.number(level, 15) end
    list = table.concat(list, ",")
    local key = table.concat({ list, table.concat(panel.x.range, ":"),
                               table.concat(panel.y.range, ":") }, " ")
    if surface.key ~= key then
        surface.key, surface.contours = key, name:gsub("surface", "contours")
        self:add("set contour base; unset surface")
        self:add("set cntrparam levels discrete %s", list)
        -- A table has what the axes show; the surface may reach further.
        self:add("set table %s", surface.contours)
        self:add("splot %s nonuniform matrix%s using 1:2:3 with lines", name,
            writer.thinned(image))
        self:add("unset table; unset contour; set surface")
    end
    return surface.contours
end

-- A matrix below the places across (and their number), beside the places up: gnuplot takes these as
-- they are, while an expression for each of 40,000 places takes it a third of a second.
function writer.image_rows(image)
    local format = "%." .. image_digits(image) .. "g"
    local values, across, up = image.values, image.across, image.up
    local function place(from, to, i, count)
        return words.number(count == 1 and from or from + (to - from) * (i - 1) / (count - 1))
    end
    local head, rows = { tostring(across) }, {}
    for i = 1, across do head[i + 1] = place(image.x0, image.x1, i, across) end
    rows[1] = table.concat(head, " ")
    for j = 1, up do
        local row = { place(image.y0, image.y1, j, up) }
        for i = 1, across do
            local value = values[i][j]
            row[i + 1] = finite(value) and format:format(value) or "NaN"
        end
        rows[j + 1] = table.concat(row, " ")
    end
    return rows
end

-- Every n-th row and column, so that contours do not take long.
function writer.thinned(image)
    local step = math.ceil(math.max(image.across, image.up) / MOST_CONTOURED)
    if step <= 1 then return "" end
    return (" every %d:%d"):format(step, step)
end

-- How a plot command reads the block of a surface.
writer.matrix = "nonuniform matrix using 1:2:3"

return writer
