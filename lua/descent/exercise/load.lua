-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- load.lua: from the text of an exercise file to a checked table. Like a lesson, an exercise only
-- builds tables. Its solution and known mistakes may stand in NAME.key.lua beside NAME.lua.

local form = require "descent.lesson.form"
local store = require "descent.lesson.store"

local load_exercise = {}

-- What each kind of check is made of; see lesson/form.lua for the words.
local COMMON = { id = "text*", title = "text*", points = "number*" }
local FUNCTION = { fn = "text*", given = "function*", returns = "texts", optional = "number",
                   pure = "boolean", tolerance = "number" }
local function with(fields, more)
    local result = {}
    for name, kind in pairs(fields) do result[name] = kind end
    for name, kind in pairs(more) do result[name] = kind end
    return result
end
load_exercise.kinds = {
    -- A function is called with made-up arguments; the solution says what should come back.
    calls = with(FUNCTION, { trials = "number", asks = "table", shrink = "boolean" }),
    -- An update rule, against the built-in optimizer.
    updates = with(FUNCTION, { optimizer = "text*", arguments = "texts*", returns = "texts*",
                               steps = "number", runs = "number" }),
    -- A number, a choice or a word that stands in a variable.
    answer = { name = "text*", ask = "text*", answer = "answer", is = "value", yes = "table",
               no = "table", wrong = "table" },
    -- A number that must make something happen: `run` is executed with it.
    outcome = { name = "text*", ask = "text*", run = "code*", needs = "table*",
                wrong = "table" },
}
local HEAD = { format = "number*", id = "text*", title = "text*", task = "text*",
               covers = "texts", seed = "number", starter = "code*", solution = "code",
               mistakes = "table", hints = "texts", after = "text", same = "texts" }
local KEY = { solution = "code*", mistakes = "table" }

-- The lists inside a check, each in its own form.
local function problems_inside(check)
    local problems = {}
    local function add(format, ...) problems[#problems + 1] = format:format(...) end
    local function pairs_in(name)
        for _, item in ipairs(check[name]) do
            if not form.is_pair(item) then add("`%s` must hold {\"...\", \"why\"}", name) end
        end
    end
    if check.points and not (check.points >= 0) then add("`points` must not be negative") end
    if check.kind == "answer" then
        local count = (check.answer and 1 or 0) + (check.is ~= nil and 1 or 0)
            + (check.yes and 1 or 0)
        if count ~= 1 then add("an answer needs one of `answer`, `is`, or `yes` and `no`") end
        if check.yes then
            if not form.is_pair(check.yes) then add("`yes` must hold {\"choice\", \"why\"}") end
            if type(check.no) ~= "table" or #check.no == 0 then
                add("`no` must hold at least one wrong choice")
            else
                pairs_in "no"
            end
        end
        for _, item in ipairs(type(check.wrong) == "table" and check.wrong or {}) do
            local fine = type(item) == "table" and item[1] ~= nil and type(item[2]) == "string"
            if not fine or check.answer and not form.is_answer { item[1], item[3] or 0 } then
                add("`wrong` must hold {value, \"why\"} or {value, \"why\", tolerance}")
            end
        end
    elseif check.kind == "outcome" and type(check.needs) == "table" then
        if #check.needs == 0 then add("`needs` must hold at least one condition") end
        pairs_in "needs"
    elseif check.kind == "updates" and type(check.optimizer) == "string" then
        local optim = require("descent").optim
        local found, rule = pcall(function() return optim[check.optimizer] end)
        if not found or rule == nil then
            add("`optimizer` names %s, which is none", check.optimizer)
        end
    end
    return problems
end

local function mistake_problems(mistakes, add)
    local seen = {}
    for _, mistake in ipairs(mistakes or {}) do
        if not form.is_mistake(mistake) or type(mistake.title) ~= "string" then
            add("`mistakes` must hold {id =, title =, say =, swap = {\"from\", \"to\"} or code =}")
        else
            if seen[mistake.id] then add("two mistakes have the id %q", mistake.id) end
            local problem = form.id_problem(mistake.id)
            if problem then add("%s", problem) end
            seen[mistake.id] = true
            local credit = mistake.credit
            if credit ~= nil and not (math.type(credit) and credit >= 0 and credit < 1) then
                add("mistake %s: `credit` is the share of the points that is left, 0 to below 1",
                    mistake.id)
            end
        end
    end
end

local CHECKS = { kinds = load_exercise.kinds, common = COMMON, inside = problems_inside,
    refusal = "entry %d is no check; checks are made by calls, updates, answer, outcome" }

-- The exercise in `text`, or nil and a list of problems, each "file:line: sentence". `key` is the
-- text of its key file, where there is one.
function load_exercise.text(text, name, key)
    local fields, entries = form.build(text, name, "exercise", load_exercise.kinds)
    if not fields then return nil, { entries } end
    local problems, add = form.problem_list(name)
    local function at_head(...) add(1, ...) end
    form.check_head(fields, HEAD, add)
    if key then
        local key_name = name:gsub("%.lua$", ".key.lua")
        local made, problem = form.build(key, key_name, "key", {})
        if not made then return nil, { problem } end
        for _, words in ipairs(form.problems(made, KEY, {})) do
            problems[#problems + 1] = ("%s:1: %s"):format(key_name, words)
        end
        if fields.solution or fields.mistakes then
            at_head("solution and mistakes stand in the key file; take them out here")
        end
        fields.solution, fields.mistakes, fields.keyed = made.solution, made.mistakes, true
    end

    local exercise = { source = name, points = 0, lines = form.lines(text) }
    for field, value in pairs(fields) do exercise[field] = value end
    exercise.covers, exercise.hints = exercise.covers or {}, exercise.hints or {}
    exercise.mistakes = exercise.mistakes or {}
    exercise.seed = math.tointeger(exercise.seed or 1) or 1
    if type(exercise.mistakes) == "table" then mistake_problems(exercise.mistakes, at_head) end
    exercise.checks, exercise.by_id = form.check_entries(entries, CHECKS, exercise.lines, add)
    for _, check in ipairs(exercise.checks) do
        exercise.points = exercise.points + (math.type(check.points) and check.points or 0)
    end
    if #exercise.checks == 0 then add(1, "the exercise has no checks") end
    if #problems > 0 then return nil, problems end
    return exercise
end

-- The exercise in a file, with its key where there is one; nil and a list of problems.
function load_exercise.file(path)
    local text, reason = store.read(path)
    if not text then return nil, { "cannot read the exercise " .. reason } end
    local key = path:find("%.lua$") and store.read((path:gsub("%.lua$", ".key.lua")))
    local exercise, problems = load_exercise.text(text, path, key or nil)
    if exercise then exercise.name = path end
    return exercise, problems
end

-- The program's own exercise files by name: list of {name = "momentum", path =, read = function}.
function load_exercise.files()
    local core = require "descent.core"
    local files = {}
    for _, path in ipairs(core.resources()) do
        local name = path:match("^lessons/exercises/([^/]+)%.lua$")
        if name and not name:find("%.key$") then
            files[#files + 1] = { name = name, path = path,
                read = function() return core.resource(path) end }
        end
    end
    table.sort(files, function(a, b) return a.name < b.name end)
    return files
end

-- The topics of an exercise as a text that sorts as the curriculum goes, its own number (P12)
-- first.
local function rank(exercise)
    local parts = {}
    for i, id in ipairs(exercise.covers) do
        parts[i] = ("%s%03d"):format(id:match("^%a*"), tonumber(id:match("%d+")) or 0)
    end
    local first = parts[1] or ""
    return (first:find("^P") and "1" or "2") .. table.concat(parts, " ") .. exercise.id
end

-- All exercises of the program in the curriculum's order; a file that does not load is {id =,
-- problems =}.
function load_exercise.all()
    local list = {}
    for _, file in ipairs(load_exercise.files()) do
        local exercise, problems = load_exercise.text(file.read(), file.path)
        exercise = exercise or { problems = problems, id = file.name, title = file.name,
            checks = {}, covers = {}, points = 0, source = file.path }
        exercise.name = file.name
        list[#list + 1] = exercise
    end
    table.sort(list, function(a, b) return rank(a) < rank(b) end)
    return list
end

-- The exercise called `name`: one of the program's by its name, the beginning of it, or its number
-- in the curriculum (P3), or the path of a file, taken from `folder` where it is relative. nil and
-- a sentence where there is none.
function load_exercise.named(name, folder)
    name = tostring(name)
    if name:find("/", 1, true) or name:find("%.lua$") then
        if folder and folder ~= "." and name:sub(1, 1) ~= "/" then
            name = folder .. "/" .. name:gsub("^%./", "")
        end
        local exercise, problems = load_exercise.file(name)
        if not exercise then return nil, problems[1] end
        return exercise
    end
    local wanted = name:lower():gsub("[_%s]", "-")
    local function read(file)
        local exercise, problems = load_exercise.text(file.read(), file.path)
        if not exercise then return nil, problems[1] end
        exercise.name = file.name
        return exercise
    end
    local names, begun = {}, {}
    for _, file in ipairs(load_exercise.files()) do
        if wanted == file.name then return read(file) end
        if file.name:sub(1, #wanted + 1) == wanted .. "-" then begun[#begun + 1] = file end
        names[#names + 1] = file.name
    end
    if #begun == 0 and wanted:find("^[pq]%d+$") then
        for _, one in ipairs(load_exercise.all()) do
            for _, id in ipairs(one.covers) do
                if id:lower() == wanted then begun[#begun + 1] = one end
            end
        end
        for i, one in ipairs(begun) do
            begun[i] = { name = one.name, path = one.source,
                read = function() return table.concat(one.lines, "\n") end }
        end
    end
    if #begun == 1 then return read(begun[1]) end
    if #begun > 1 then
        local list = {}
        for i, file in ipairs(begun) do list[i] = file.name end
        return nil, ("%s may be %s"):format(name, table.concat(list, ", "):gsub(", ([^,]*)$",
            " or %1"))
    end
    local guess = require("descent.doc").nearest(wanted, names)
    return nil, ("there is no exercise %q%s; `descent exercise` lists them"):format(name,
        guess and (" (did you mean %q?)"):format(guess) or "")
end

return load_exercise
