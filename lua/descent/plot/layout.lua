-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- Places for the nodes of a graph that is drawn from left to right: columns by the longest way from
-- the inputs, an order in each that makes few lines cross, heights that keep lines short.
--
--     nodes     { {name =, arguments = {names of the nodes that go into it}}, ... }, inputs first
--     -> { columns = { {slot, ...}, ... }, edges = { {slot, slot, ...}, ... }, height = number }
--     slot      { node =, column =, y = 0 to height } where an edge passes by, node is nil
--
-- (K. Sugiyama, S. Tagawa, M. Toda: Methods for visual understanding of hierarchical system
-- structures. IEEE Transactions on Systems, Man, and Cybernetics 11 (1981) 109-125.)

local SWEEPS = 12

local function ranks_of(nodes, by_name)
    local rank, users = {}, {}
    for _, node in ipairs(nodes) do
        rank[node] = 0
        for _, name in ipairs(node.arguments) do
            local from = by_name[name]
            if from then
                rank[node] = math.max(rank[node], rank[from] + 1)
                users[from] = users[from] or {}
                table.insert(users[from], node)
            end
        end
    end
    -- What is used late stands late.
    for _, node in ipairs(nodes) do
        if rank[node] == 0 and users[node] then
            local first = math.huge
            for _, user in ipairs(users[node]) do first = math.min(first, rank[user]) end
            rank[node] = first - 1
        end
    end
    return rank
end

-- Slots for nodes and, between columns that are not neighbours, for the lines.
local function make_slots(nodes)
    local by_name, slot_of, columns, edges = {}, {}, {}, {}
    for _, node in ipairs(nodes) do by_name[node.name] = node end
    local rank = ranks_of(nodes, by_name)
    local function add(column, node)
        columns[column] = columns[column] or {}
        local slot = { node = node, column = column, before = {}, behind = {} }
        table.insert(columns[column], slot)
        return slot
    end
    local last = 1
    for _, node in ipairs(nodes) do last = math.max(last, rank[node] + 1) end
    for column = 1, last do columns[column] = {} end
    -- Inputs that stand late come below what is computed there.
    for pass = 1, 2 do
        for _, node in ipairs(nodes) do
            local late = #node.arguments == 0 and rank[node] > 0
            if late == (pass == 2) then slot_of[node] = add(rank[node] + 1, node) end
        end
    end
    for _, node in ipairs(nodes) do
        local drawn = {}
        for _, name in ipairs(node.arguments) do
            local from = by_name[name]
            if from and not drawn[from] then
                drawn[from] = true
                local edge = { slot_of[from] }
                for column = rank[from] + 2, rank[node] do edge[#edge + 1] = add(column) end
                edge[#edge + 1] = slot_of[node]
                for k = 2, #edge do
                    table.insert(edge[k].before, edge[k - 1])
                    table.insert(edge[k - 1].behind, edge[k])
                end
                edges[#edges + 1] = edge
            end
        end
    end
    return columns, edges
end

local function number_column(column)
    for i, slot in ipairs(column) do slot.place = i end
end

local function crossings(columns)
    local count = 0
    for k = 2, #columns do
        local pairs_of = {}
        for _, slot in ipairs(columns[k]) do
            for _, other in ipairs(slot.before) do
                pairs_of[#pairs_of + 1] = { other.place, slot.place }
            end
        end
        for i = 1, #pairs_of do
            for j = i + 1, #pairs_of do
                local a, b = pairs_of[i], pairs_of[j]
                if (a[1] - b[1]) * (a[2] - b[2]) < 0 then count = count + 1 end
            end
        end
    end
    return count
end

local function sort_by_neighbours(column, side)
    for i, slot in ipairs(column) do
        local sum = 0
        for _, other in ipairs(slot[side]) do sum = sum + other.place end
        slot.weight, slot.was = #slot[side] > 0 and sum / #slot[side] or slot.place, i
    end
    table.sort(column, function(a, b)
        if a.weight ~= b.weight then return a.weight < b.weight end
        return a.was < b.was
    end)
    number_column(column)
end

local function order(columns)
    for _, column in ipairs(columns) do number_column(column) end
    local least, best = crossings(columns), {}
    local function keep()
        for k, column in ipairs(columns) do best[k] = table.move(column, 1, #column, 1, {}) end
    end
    keep()
    for sweep = 1, SWEEPS do
        if least == 0 then break end
        if sweep % 2 == 1 then
            for k = 2, #columns do sort_by_neighbours(columns[k], "before") end
        else
            for k = #columns - 1, 1, -1 do sort_by_neighbours(columns[k], "behind") end
        end
        local count = crossings(columns)
        if count < least then
            least = count
            keep()
        end
    end
    for k, column in ipairs(best) do
        columns[k] = column
        number_column(column)
    end
end

-- A line needs less room than a node.
local function distance(a, b) return (a.node and b.node) and 1 or 0.6 end

-- Heights as wanted, but in the order and apart: the mean of pushing down and of pushing up.
local function spread(column)
    local down, up = {}, {}
    for i, slot in ipairs(column) do
        down[i] = slot.wanted
        if i > 1 then down[i] = math.max(down[i], down[i - 1] + distance(column[i - 1], slot)) end
    end
    for i = #column, 1, -1 do
        up[i] = column[i].wanted
        if i < #column then
            up[i] = math.min(up[i], up[i + 1] - distance(column[i], column[i + 1]))
        end
    end
    for i, slot in ipairs(column) do slot.y = (down[i] + up[i]) / 2 end
end

local function set_heights(columns)
    for _, column in ipairs(columns) do
        for i, slot in ipairs(column) do slot.wanted = i - (#column + 1) / 2 end
        spread(column)
    end
    for sweep = 1, 2 * SWEEPS do
        local from, to, step = 1, #columns, 1
        if sweep % 2 == 0 then from, to, step = #columns, 1, -1 end
        for k = from, to, step do
            for _, slot in ipairs(columns[k]) do
                local sum, count = 0, 0
                for _, side in ipairs { slot.before, slot.behind } do
                    for _, other in ipairs(side) do sum, count = sum + other.y, count + 1 end
                end
                slot.wanted = count > 0 and sum / count or slot.y
            end
            spread(columns[k])
        end
    end
end

return function(nodes)
    local columns, edges = make_slots(nodes)
    order(columns)
    set_heights(columns)
    local low, high = math.huge, -math.huge
    for _, column in ipairs(columns) do
        for _, slot in ipairs(column) do
            low, high = math.min(low, slot.y), math.max(high, slot.y)
        end
    end
    for _, column in ipairs(columns) do
        for _, slot in ipairs(column) do slot.y = slot.y - low end
    end
    return { columns = columns, edges = edges, height = high - low }
end
