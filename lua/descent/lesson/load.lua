-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- load.lua: from the text of a lesson file to a checked table, and where such files are.

local form = require "descent.lesson.form"
local store = require "descent.lesson.store"

local load_lesson = {}

-- What a step of each kind is made of; see lesson/form.lua for the words.
local COMMON = { id = "text*", say = "text", see = "text" }
load_lesson.kinds = {
    text = { [1] = "text*" },
    demo = { [1] = "code*", expect = "table", alt = "text", rows = "number" },
    figure = { [1] = "code*", alt = "text*", rows = "number" },
    number = { ask = "text*", answer = "answer*", from = "code", wrong = "table", hints = "texts" },
    choice = { ask = "text*", yes = "table*", no = "table*", hints = "texts" },
    predict = { ask = "text*", answer = "answer", from = "code", wrong = "table", yes = "table",
                no = "table", run = "code*", expect = "table", alt = "text", rows = "number",
                hints = "texts" },
    code = { ask = "text*", fn = "text*", returns = "texts", starter = "code*", solution = "code*",
             given = "function*", mistakes = "table", hints = "texts", pure = "boolean",
             tolerance = "number", trials = "number", points = "number", same = "table" },
    try = { ask = "text*", goal = "function*", solution = "code*", near = "table",
            hints = "texts" },
}
local HEAD = { format = "number*", id = "text*", title = "text*", covers = "texts", needs = "texts",
               minutes = "number", seed = "number", summary = "text" }

-- Steps that wait for an answer.
load_lesson.questions = { number = true, choice = true, predict = true, code = true, try = true }

-- Pairs {wrong, reason} of numbers, choices, near misses and mistakes, each in its own form.
local function problems_inside(step)
    local problems = {}
    local function add(format, ...) problems[#problems + 1] = format:format(...) end
    local function pair(name, item)
        if not form.is_pair(item) then add("`%s` must hold {\"choice\", \"why\"}", name) end
    end
    if step.kind == "choice" or (step.kind == "predict" and step.yes) then
        if type(step.yes) == "table" then pair("yes", step.yes) end
        if type(step.no) == "table" then
            for _, item in ipairs(step.no) do pair("no", item) end
            if #step.no == 0 then add("`no` must hold at least one wrong choice") end
        elseif step.kind == "predict" then
            add("`no` is missing")
        end
    elseif step.kind == "predict" and not step.answer then
        add("a prediction needs `answer`, or `yes` and `no`")
    end
    if step.answer and type(step.wrong) == "table" then
        for _, item in ipairs(step.wrong) do
            if not form.is_wrong_answer(item) then
                add("`wrong` must hold {value, \"why\"} or {value, \"why\", tolerance}")
            end
        end
    end
    if type(step.expect) == "table" then
        for expression, value in pairs(step.expect) do
            if type(expression) ~= "string" or not form.is_answer(value) then
                add("`expect` must hold [\"expression\"] = {value, tolerance}")
            end
        end
    end
    if type(step.mistakes) == "table" then
        for _, mistake in ipairs(step.mistakes) do
            if not form.is_mistake(mistake) then
                add("`mistakes` must hold {id =, swap = {\"from\", \"to\"} or code =, say =}")
            end
        end
    end
    if type(step.near) == "table" then
        for _, near in ipairs(step.near) do
            if type(near) ~= "table" or type(near.by) ~= "string" or type(near.when) ~= "function"
                or type(near.say) ~= "string" then
                add("`near` must hold {by = \"code\", when = function, say =}")
            end
        end
    end
    return problems
end

local STEPS = { kinds = load_lesson.kinds, common = COMMON, inside = problems_inside,
    refusal = "entry %d is no step; steps are made by text, demo, number, ..." }

-- The lesson in `text`, or nil and a list of problems, each "file:line: sentence". A lesson has
-- .id .title .steps (list, each with .kind .line .hash) and .problems (what lint has to say about
-- form; a lesson with problems can still be looked at, not run).
function load_lesson.text(text, name)
    local fields, entries = form.build(text, name, "lesson", load_lesson.kinds)
    if not fields then return nil, { entries } end
    local problems, add = form.problem_list(name)
    form.check_head(fields, HEAD, add)
    local lesson = { source = name }
    for key, value in pairs(fields) do lesson[key] = value end
    lesson.covers, lesson.needs = lesson.covers or {}, lesson.needs or {}
    lesson.seed = math.tointeger(lesson.seed or 1) or 1
    lesson.lines = form.lines(text)
    lesson.steps, lesson.by_id = form.check_entries(entries, STEPS, lesson.lines, add)
    if #lesson.steps == 0 then add(1, "the lesson has no steps") end
    if #problems > 0 then return nil, problems, lesson end
    return lesson
end

-- The program's own lesson files: list of {name = "01-line", path =, read = function}, in order.
function load_lesson.files()
    local core = require "descent.core"
    local files = {}
    for _, path in ipairs(core.resources()) do
        local name = path:match("^lessons/([^/]+)%.lua$")
        if name then
            files[#files + 1] = { name = name, path = path,
                read = function() return core.resource(path) end }
        end
    end
    table.sort(files, function(a, b) return a.name < b.name end)
    return files
end

-- The lesson files in a folder, as load_lesson.files gives them; nil where there is no such folder.
function load_lesson.folder(path)
    local quoted = "'" .. path:gsub("'", "'\\''") .. "'"
    local listing = io.popen(("cd -- %s 2>/dev/null && ls"):format(quoted))
    local names = listing and listing:read("a") or ""
    if not listing or not listing:close() then return nil end
    local files = {}
    for name in names:gmatch("([^\n]+)%.lua\n") do
        local whole = ("%s/%s.lua"):format(path:gsub("/+$", ""), name)
        files[#files + 1] = { name = name, path = whole, folder = path,
            read = function() return store.read(whole) end }
    end
    table.sort(files, function(a, b) return a.name < b.name end)
    return files
end

-- The lessons in files, in order; a file that does not load is {name =, problems =}.
local function lessons_in(files, lessons)
    for _, file in ipairs(files) do
        local text, reason = file.read()
        local lesson, problems
        if text then
            lesson, problems = load_lesson.text(text, file.path)
        else
            problems = { reason }
        end
        lesson = lesson or { problems = problems, id = file.name, title = file.name, steps = {},
            covers = {}, needs = {}, source = file.path }
        lesson.name, lesson.folder, lesson.own = file.name, file.folder, not file.folder
        lessons[#lessons + 1] = lesson
    end
    return lessons
end

-- The lessons of a folder; nil where there is no such folder.
function load_lesson.all_in(path)
    local files = load_lesson.folder(path)
    return files and lessons_in(files, {})
end

-- All lessons of the program in order, then those of the folders that DESCENT_LESSONS names
-- (separated by colons).
function load_lesson.all()
    local lessons = lessons_in(load_lesson.files(), {})
    for path in (os.getenv("DESCENT_LESSONS") or ""):gmatch("[^:]+") do
        lessons_in(load_lesson.folder(path) or {}, lessons)
    end
    return lessons
end

local function nearest(given, names)
    local fine, doc = pcall(require, "descent.doc")
    return fine and doc.nearest and doc.nearest(given, names) or nil
end

-- The lesson called `name`: its id, its number, its file's name, or the path of a file.
-- nil and a sentence where there is none.
function load_lesson.named(name)
    name = tostring(name)
    if name:find("/", 1, true) or name:find("%.lua$") then
        local text, reason = store.read(name)
        if not text then
            if load_lesson.folder(name) then
                return nil, ("%s is a folder; descent lesson %s lists its lessons"):format(name,
                    name)
            end
            return nil, "cannot read the lesson " .. reason
        end
        local lesson, problems = load_lesson.text(text, name)
        if not lesson then return nil, problems[1] end
        lesson.name = name
        return lesson
    end
    local names = {}
    for _, lesson in ipairs(load_lesson.all()) do
        local number, rest = lesson.name:match("^(%d+)%-(.*)$")
        local by_number = number and not lesson.folder
            and math.tointeger(tonumber(number)) == math.tointeger(tonumber(name))
        if name == lesson.id or name == lesson.name or name == rest or by_number then
            if lesson.problems then return nil, lesson.problems[1] end
            return lesson
        end
        names[#names + 1] = lesson.id
    end
    local guess = nearest(name, names)
    return nil, ("there is no lesson %q%s; :lessons lists them"):format(name,
        guess and (" (did you mean %q?)"):format(guess) or "")
end

return load_lesson
