-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- Where the ticks of an axis stand and what is written at them. Both backends use these.

local label = require "descent.plot.label"

local ticks = {}

local log10 = function(value) return math.log(value, 10) end

-- The smallest of 1, 2 or 5 times a power of ten that is at least the span's most-th part.
local function nice_step(span, most)
    local raw = span / math.max(1, most)
    local power = 10.0 ^ math.floor(log10(raw))
    for _, factor in ipairs { 1, 2, 5, 10 } do
        local step = factor * power
        if step >= raw * (1 - 1e-9) then return step end
    end
end

-- Decimals that tell multiples of the step apart.
local function decimals_of(step)
    return math.max(0, math.ceil(-log10(step) - 1e-9))
end

local function text_of(value, step, largest)
    if value == 0 then return "0" end
    local text
    if largest >= 1e6 or largest < 1e-4 then
        -- As many digits as tell neighbours apart.
        local digits = math.max(1, 1 + math.ceil(log10(largest / step) - 1e-9))
        text = label.number(value, math.min(digits, 15))
    else
        text = ("%." .. decimals_of(step) .. "f"):format(value)
        if text:find(".", 1, true) then text = text:gsub("0+$", ""):gsub("%.$", "") end
        text = text:gsub("^%-", "−")
    end
    return text
end

-- A list of {at =, text =} with at most `most` ticks between low and high.
function ticks.linear(low, high, most)
    local list = {}
    local span = high - low
    if not (span > 0) or span == math.huge or most < 1 then return list end
    local step = nice_step(span, most + 1) -- n steps have up to n + 1 ticks
    if not step or step <= 0 then return list end
    local function count_of(width)
        return math.floor(high / width + 1e-9) - math.ceil(low / width - 1e-9) + 1
    end
    for _ = 1, 4 do
        if count_of(step) <= most then break end
        step = nice_step(step * 1.5, 1)
    end
    local first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    local largest = math.max(math.abs(first), math.abs(last)) * step
    for k = first, math.min(last, first + most) do
        local at = k * step
        list[#list + 1] = { at = at, text = text_of(k == 0 and 0 or at, step, largest) }
    end
    return list
end

-- On a logarithmic axis: whole decades (or every n-th), with 2 and 5 between where there is room,
-- and linear ticks where less than that would fit.
function ticks.logarithmic(low, high, most)
    local from, to = log10(low), log10(high)
    local first, last = math.ceil(from - 1e-9), math.floor(to + 1e-9)
    local decades = last - first + 1
    local short = first < -4 or last > 5
    if decades > most then
        local list, step = {}, math.ceil(decades / math.max(1, most))
        for k = math.ceil(first / step) * step, last, step do
            list[#list + 1] = { at = 10.0 ^ k, text = label.power(k, short) }
        end
        return list
    end
    for _, factors in ipairs { { 1, 2, 5 }, { 1, 3 }, { 1 } } do
        local list = {}
        for k = math.floor(from), last do
            for _, factor in ipairs(factors) do
                local at = factor * 10.0 ^ k
                if at >= low * (1 - 1e-9) and at <= high * (1 + 1e-9) then
                    local text = label.power(k, short)
                    if factor ~= 1 then
                        text = short and k ~= 0 and factor .. "·" .. text
                            or ("%.10g"):format(at)
                    end
                    list[#list + 1] = { at = at, text = text }
                end
            end
        end
        if #list <= most and #list >= 2 then return list end
    end
    if to - from < 1 then return ticks.linear(low, high, most) end
    local list = {}
    for k = first, last do list[#list + 1] = { at = 10.0 ^ k, text = label.power(k, short) } end
    return list
end

-- The ticks of an axis {range = {low, high}, log =}; an axis may bring its own as `ticks`.
function ticks.of(axis, most)
    local low, high = axis.range[1], axis.range[2]
    if axis.ticks then
        local list = {}
        for _, tick in ipairs(axis.ticks) do
            if tick.at >= low and tick.at <= high then list[#list + 1] = tick end
        end
        local step, some = math.max(1, math.ceil(#list / math.max(1, most))), {}
        for k = 1, #list, step do some[#some + 1] = list[k] end
        return some
    end
    if axis.log then return ticks.logarithmic(low, high, most) end
    local list = ticks.linear(low, high, most)
    if axis.integer then
        local whole = {}
        for _, tick in ipairs(list) do
            if tick.at == math.floor(tick.at) then whole[#whole + 1] = tick end
        end
        return whole
    end
    return list
end

return ticks
