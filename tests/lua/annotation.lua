-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- annotation.lua: the grammar of the Lua language server's annotations, as its manual gives it
-- (https://luals.github.io/wiki/annotations), as far as ours use it.
--
--   line  = "---@" tag          tag as in `tags` below; other lines are comments
--   type  = unit { "|" unit }   unit = base { "[]" } [ "?" ]
--   base  = name [ "<" type { "," type } ">" ] | string | "(" type ")"
--         | "fun(" args ")" [ ":" types ]
--   args  = [ arg { "," arg } ]  arg = (name [ "?" ] | "...") [ ":" type ]

local annotation = {}

-- A reader over one line; every method that reads advances it or raises a sentence.
local reader = {}
reader.__index = reader

function reader:fail(what) error(("%s expected at %q"):format(what, self.rest), 0) end

function reader:take(pattern)
    local found = self.rest:match("^" .. pattern)
    if found then self.rest = self.rest:sub(#found + 1):gsub("^%s+", "") end
    return found
end

function reader:need(pattern, what) return self:take(pattern) or self:fail(what) end

local NAME = "[%a_][%w_]*[%w_.]*"

function reader:type_name()
    local name = self:need(NAME, "a type")
    self.named[name] = true
    if self:take("<") then
        repeat self:type() until not self:take(",")
        self:need(">", ">")
    end
end

function reader:arguments()
    if self:take("%)") then return end
    repeat
        if not self:take("%.%.%.") then
            self:need("[%a_][%w_]*", "an argument")
            self:take("%?")
        end
        if self:take(":") then self:type() end
    until not self:take(",")
    self:need("%)", ")")
end

function reader:unit()
    if self:take("fun%(") then
        self:arguments()
        if self:take(":") then self:types() end
        return
    elseif self:take("%(") then
        self:type()
        self:need("%)", ")")
    elseif not self:take('"[^"]*"') then
        self:type_name()
    end
    while self:take("%[%]") do end
    self:take("%?")
end

function reader:type()
    repeat self:unit() until not self:take("|")
end

function reader:types()
    repeat self:type() until not self:take(",")
end

local operators = {}
for name in ("add sub mul div mod pow unm idiv concat len call"):gmatch("%a+") do
    operators[name] = true
end

-- Each tag reads its line; what is left over must be a comment.
local tags = {
    meta = function(self) self:take(NAME) end,
    class = function(self)
        self.defined[self:need(NAME, "a name")] = true
        if self:take(":") then self:types() end
    end,
    alias = function(self)
        self.defined[self:need(NAME, "a name")] = true
        self:type()
    end,
    field = function(self)
        if self:take("%[") then
            self:type()
            self:need("%]", "]")
        else
            self:need("[%a_][%w_]*", "a field")
            self:take("%?")
        end
        self:type()
        self.comment = true
    end,
    param = function(self)
        self.parameters[#self.parameters + 1] = self:take("%.%.%.")
            or self:need("[%a_][%w_]*", "an argument")
        self:take("%?")
        self:type()
        self.comment = true
    end,
    ["return"] = function(self) self:types() end,
    operator = function(self)
        local name = self:need("%a+", "an operator")
        if not operators[name] then self:fail("an operator") end
        if self:take("%(") then
            self:type()
            self:need("%)", ")")
        end
        self:need(":", ":")
        self:type()
    end,
    overload = function(self)
        if not self.rest:find("^fun%(") then self:fail("fun(") end
        self:unit()
    end,
}

-- Reads a file of annotations. Returns its problems, each "line: sentence", and how many functions
-- it describes; types that are named must be Lua's or defined in it, and the arguments of a
-- function those of the lines above it.
function annotation.read(text)
    local problems, defined, named, parameters, functions, number = {}, {}, {}, {}, 0, 0
    for name in ([[any nil boolean string number integer function table thread userdata true false
        self unknown]]):gmatch("%S+") do defined[name] = true end
    local function add(...)
        problems[#problems + 1] = ("%d: %s"):format(number, string.format(...))
    end
    for line in text:gmatch("([^\n]*)\n") do
        number = number + 1
        local tag, rest = line:match("^%-%-%-@(%w+)%s*(.*)$")
        local name, list = line:match("^function ([%w_.:]+)%((.-)%) end$")
        if tag then
            local self = setmetatable({ rest = rest, defined = defined, named = named,
                parameters = parameters }, reader)
            local fine, problem = pcall(tags[tag] or function() error("no tag", 0) end, self)
            if not fine then
                add("%s: %s", tag, problem)
            elseif self.rest ~= "" and not self.rest:find("^#")
                and (not self.comment or self.rest:find("^[%[%]<>|)]")) then
                add("%s: %q is left over", tag, self.rest)
            end
        elseif name then
            functions = functions + 1
            if table.concat(parameters, ", ") ~= list then
                add("%s has (%s), described are (%s)", name, list, table.concat(parameters, ", "))
            end
            parameters = {}
        elseif line:find("^%-%-%-@") then
            add("no tag in %q", line)
        elseif not line:find("^%-%-") and #parameters > 0 then
            add("what is described is no function: %q", line)
            parameters = {}
        end
    end
    for name in pairs(named) do
        if not defined[name] then add("no type is called %s", name) end
    end
    return problems, functions
end

return annotation
