-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- generator.lua: the random numbers of lessons (order of choices, inputs of code exercises) and the
-- hash of their text. Apart from random.*, so that a lesson never moves the student's generator;
-- integers only, so that every machine draws the same.

local generator = {}

-- FNV-1a, 64 bits.
function generator.hash(text)
    local hash = 0xcbf29ce484222325
    for i = 1, #text do hash = (hash ~ text:byte(i)) * 0x100000001b3 end
    return hash
end

function generator.hash_text(text) return ("%016x"):format(generator.hash(text)) end

local methods = {}
methods.__index = methods

-- The source of each function that fn made, to show it as one would type it.
generator.sources = setmetatable({}, { __mode = "k" })

-- A generator for `seed` (an integer) and `name`: one lesson's steps draw independently.
-- With `small`, numbers are whole or half and lengths short: inputs one can check by hand.
function generator.new(seed, name, small)
    return setmetatable({ state = generator.hash(("%d %s"):format(seed, name)), small = small },
        methods)
end

-- SplitMix64.
function methods:bits()
    self.state = self.state + 0x9e3779b97f4a7c15
    local z = self.state
    z = (z ~ (z >> 30)) * 0xbf58476d1ce4e5b9
    z = (z ~ (z >> 27)) * 0x94d049bb133111eb
    return z ~ (z >> 31)
end

-- A whole number from low to high.
function methods:int(low, high)
    if self.small then high = math.min(high, low + 1) end
    return low + (self:bits() >> 1) % (high - low + 1)
end

-- A multiple of 0.01 (small: of 0.5) from low to high, -2 to 2 if not said.
function methods:num(low, high)
    low, high = low or -2, high or 2
    local unit = self.small and 2 or 100
    local first, last = math.ceil(low * unit), math.floor(high * unit)
    if last < first then return low end
    local value = (first + (self:bits() >> 1) % (last - first + 1)) / unit
    return value == 0 and 0.0 or value
end

-- A list of n such numbers.
function methods:vec(n, low, high)
    local list = {}
    for i = 1, n do list[i] = self:num(low, high) end
    return list
end

function methods:pick(list) return list[1 + (self:bits() >> 1) % #list] end

-- A function as an input, from its source, which sees only its arguments.
function methods:fn(source)
    local made = assert(load("return " .. source, "=given", "t", {}))()
    generator.sources[made] = source
    return made
end

local function shifted(i, c)
    if c == 0 then return ("p[%d]"):format(i) end
    return ("(p[%d] %s %g)"):format(i, c < 0 and "+" or "-", math.abs(c))
end

-- A bowl in n dimensions, L = Σ a_i (p_i − c_i)² + b (Σ p_i)²: its gradient and itself as functions
-- of a list p, and its numbers {a =, b =, c =}.
function methods:bowl(n)
    local a, c, b = self:vec(n, 0.5, 2), self:vec(n), self:num(0, 0.5)
    local names, squares, parts = {}, {}, {}
    for i = 1, n do names[i] = ("p[%d]"):format(i) end
    local sum = table.concat(names, " + ")
    for i = 1, n do
        squares[i] = ("%g*%s^2"):format(a[i], shifted(i, c[i]))
        parts[i] = ("%g*%s"):format(2*a[i], shifted(i, c[i]))
        if b ~= 0 then
            parts[i] = parts[i] .. (n == 1 and " + %g*%s" or " + %g*(%s)"):format(2*b, sum)
        end
    end
    local loss = table.concat(squares, " + ")
    if b ~= 0 then loss = loss .. (" + %g*(%s)^2"):format(b, sum) end
    return self:fn("function(p) return {" .. table.concat(parts, ", ") .. "} end"),
        self:fn("function(p) return " .. loss .. " end"), { a = a, b = b, c = c }
end

function methods:bool() return self:bits() < 0 end

-- The numbers 1 .. n in random order.
function methods:order(n)
    local list = {}
    for i = 1, n do list[i] = i end
    for i = n, 2, -1 do
        local j = 1 + (self:bits() >> 1) % i
        list[i], list[j] = list[j], list[i]
    end
    return list
end

return generator
