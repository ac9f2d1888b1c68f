-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- export(r, file, {to = "torch" | "numpy"}): a Python program that repeats a run. The expressions
-- come from the graph of the loss (graph/formula_python.c); here the program is put around them.

local core = require "descent.core"
local doc = require "descent.doc"
local python = require "descent.export.python"
local rule = require "descent.export.rule"
local terminal = require "descent.terminal"

local module = {}

local INLINE = 4000 -- numbers that stand in the program; more go to a file beside it

local record = {
    name = "export", signature = 'export(r, file, {to = "torch" | "numpy"})',
    summary = "Writes a Python program that repeats the run (the same data, start, batches and "
        .. "rule) and prints the loss over all data at the start and after every update.",
    arguments = {
        { name = "to", type = "choice", choices = "torch|numpy", default = "torch",
          default_text = "torch",
          summary = "PyTorch, whose own optimizers are used where they compute the same; or NumPy "
            .. "alone, with the gradient written out" },
    },
    returns = "nothing; large data go to files NAME_x.npy, NAME_y.npy, NAME_weight.npy beside "
        .. "it",
    errors = "a rule that is a Lua function; dropout; bounds with a rule that searches; a file "
        .. "that cannot be written",
    example = [[
L = loss.least_squares(model.line, data.line12)
r = descend(L, optim.adam{alpha = 0.1}, {start = {1.6, -0.5}, batch = 5})
r:step(20)
export(r, "fit.py", {to = "numpy"})
for line in io.lines("fit.py") do
    if line:find("prediction") then print(line) end
end]],
    result = [[
    prediction = phi0 + phi1*x
    return ((prediction - y)**2).sum()
    prediction = phi0 + phi1*x
        2*(prediction - y).sum(),  # dL/dphi0
        2*(x*(prediction - y)).sum(),  # dL/dphi1]],
}

local function refuse(format, ...) doc.fail("export: " .. format, ...) end

-- --- the pieces of a program ---------------------------------------------------------------------

-- What is known while a program is written.
local Program = {}
Program.__index = Program

function Program:put(format, ...)
    local text = select("#", ...) > 0 and format:format(...) or format
    self.lines[#self.lines + 1] = text
end

-- Lines of a rule: $ is the target, LOSS(p) a call on the batch.
function Program:fill(text)
    local tail = self.batch_arguments
    text = text:gsub("LOSS(%b())", function(inner)
        return "loss(" .. inner:sub(2, -2) .. tail .. ")"
    end)
    text = text:gsub("GRADIENT(%b())", function(inner)
        return "gradient(" .. inner:sub(2, -2) .. tail .. ")"
    end)
    text = text:gsub("%(DATA%)", (tail == "" and "()" or "(" .. tail:sub(3) .. ")"))
    return (text:gsub("%$", self.module):gsub("AGE", self.age or "t"))
end

local function one_line(text) return (text:gsub("%s+", " ")) end

function Program:head()
    local r = self.run
    local data = r.data and r.data.name ~= "data" and (", data %s"):format(r.data.name) or ""
    local what = ("%d update%s of %s on %s%s: a run of descent %s, repeated."):format(r.t,
        r.t == 1 and "" or "s", r.optimizer.title, r.objective.title, data, core.version)
    local lines = {}
    for _, line in ipairs(terminal.wrap(one_line(what):gsub('["\\]', ""), 85)) do
        lines[#lines + 1] = line
    end
    lines[1] = '"""' .. lines[1]
    self:put("#!/usr/bin/env python3")
    for _, line in ipairs(lines) do self:put("%s", line) end
    self:put("")
    self:put("Prints the loss%s at the start and after every update.",
        r.data and " over all data" or "")
    self:put('"""')
    self.import_at = #self.lines + 1
    self:put("") -- the imports
end

local function rows_of(values)
    if values.cols == 1 then return values:table() end
    local rows = {}
    for i = 1, values.rows do rows[i] = values[i]:table() end
    return rows
end

-- Numbers that are too many for the program: a file beside it.
function Program:put_file(name, values)
    local stem = self.path:gsub("%.py$", "")
    self.files[("%s_%s.npy"):format(stem, name)] = python.npy(values)
    if not self.needs_path then self:put("folder = pathlib.Path(__file__).parent") end
    self.needs_numpy, self.needs_path = true, true
    local file = python.text(("%s_%s.npy"):format(stem:match("[^/]*$"), name))
    self:put(self.torch and "%s = torch.from_numpy(np.load(folder/%s))"
        or "%s = np.load(folder/%s)", name, file)
end

function Program:data()
    local d = self.run.data
    if not d then return end
    local x, y, weights = d.x, d.y, d.weights
    if x.rows*x.cols + y.rows*y.cols > INLINE then
        self:put_file("x", x)
        self:put_file("y", y)
        if weights then self:put_file("weight", weights) end
    else
        self:put(python.array("x", self.array, rows_of(x)))
        self:put(python.array("y", self.array, rows_of(y)))
        if weights then self:put(python.array("weight", self.array, rows_of(weights))) end
    end
    self:put("")
end

-- --- functions -----------------------------------------------------------------------------------

local helpers = {
    numpy = {
        { "sigmoid", "def sigmoid(z):\n    return np.exp(-np.logaddexp(0, -z))" },
        { "softplus", "def softplus(z):\n    \"\"\"log(1 + exp(z))\"\"\"\n"
            .. "    return np.logaddexp(0, z)" },
        { "softmax", "def softmax(z):\n"
            .. "    return np.exp(z - np.logaddexp.reduce(z, axis=-1, keepdims=True))" },
        { "pick", "def pick(v, number):\n"
            .. "    \"\"\"Of each example's v the component with its number, from 1.\"\"\"\n"
            .. "    return v[np.arange(len(v)), number.astype(int) - 1]" },
    },
    torch = {
        { "softplus", "def softplus(z):\n"
            .. '    """log(1 + exp(z)); PyTorch\'s standard threshold, 20, cuts digits off."""\n'
            .. "    return torch.nn.functional.softplus(z, threshold=40)" },
        { "pick", "def pick(v, number):\n"
            .. "    \"\"\"Of each example's v the component with its number, from 1.\"\"\"\n"
            .. "    return v[torch.arange(len(v)), number.long() - 1]" },
    },
}

-- "phi0, phi1 = phi", or each block of φ in its shape.
function Program:unpack(texts)
    local function used(name)
        local pattern = "%f[%w_]" .. name .. "%f[^%w_]"
        for _, text in ipairs(texts) do if text:find(pattern) then return true end end
        return false
    end
    local numbers, names, all = true, {}, true
    for _, p in ipairs(self.parameters) do
        numbers = numbers and p.rows*p.cols == 1
        names[#names + 1] = p.name
        all = all and used(p.name)
    end
    if numbers and all and #names > 1 then
        self:put(python.filled("    ", names, " = phi", "    "):gsub(",\n", ", \\\n") .. "")
        return
    end
    for _, p in ipairs(self.parameters) do
        if used(p.name) then
            local size = p.rows*p.cols
            if size == 1 then
                self:put("    %s = phi[%d]", p.name, p.offset)
            else
                self:put("    %s = phi[%d:%d]%s", p.name, p.offset, p.offset + size,
                    p.cols > 1 and (".reshape(%d, %d)"):format(p.rows, p.cols) or "")
            end
        end
    end
end

-- The texts of a formula; a reason why Python cannot have it is an error.
function Program:check(formula)
    if formula.reason then
        refuse("the loss has %s, which the program for %s cannot write", formula.reason,
            self.torch and "PyTorch" or "NumPy")
    end
end

function Program:definitions(formula, extra)
    local texts = {}
    for _, d in ipairs(formula.definitions) do texts[#texts + 1] = d.text end
    for _, text in ipairs(extra) do texts[#texts + 1] = text end
    self:unpack(texts)
    for _, d in ipairs(formula.definitions) do
        self:put(python.assignment("    ", d.name .. " = ", d.text))
    end
end

-- A gradient as one array, from its parts. Parameters that are used in parts have several.
function Program:result(partials)
    local numbers, whole = true, #partials == #self.parameters
    for i, p in ipairs(partials) do
        whole = whole and p.offset == self.parameters[i].offset
    end
    if not whole then
        self:put("    g = np.zeros(len(phi))")
        for _, p in ipairs(partials) do
            local place = p.size == 1 and ("g[%d]"):format(p.offset)
                or ("g[%d:%d]"):format(p.offset, p.offset + p.size)
            self:put(python.assignment("    ", place .. " += ", p.matrix and p.given > 1
                and "(" .. p.text .. ").ravel()" or p.text))
        end
        self:put("    return g")
        return
    end
    for _, p in ipairs(partials) do numbers = numbers and p.size == 1 end
    if numbers then
        self:put("    return np.array([")
        for i, p in ipairs(partials) do
            local text = python.assignment("        ", "", p.text) .. ","
            local note = "  # dL/d" .. self.parameters[i].name
            self:put("%s%s", text, #partials > 1 and not text:find("\n")
                and #text + #note <= 92 and note or "")
        end
        self:put("    ])")
        return
    end
    local parts = {}
    for i, p in ipairs(partials) do
        local name = "d_" .. self.parameters[i].name
        if p.size > 1 and p.given == 1 then -- the same for all components
            self:put(python.assignment("    ", name .. " = ", ("np.full(%d, %s)"):format(p.size,
                p.text)))
        else
            self:put(python.assignment("    ", name .. " = ", p.text))
        end
        parts[i] = p.size == 1 and "[" .. name .. "]" or p.matrix and name .. ".ravel()" or name
    end
    self:put(python.filled("    return np.concatenate([", parts, "])", "        "))
end

function Program:functions()
    local arguments = "phi" .. self.data_arguments
    local formulas = core.python_formulas(self.run.objective, self.target, self.rule.hessian)
    self.parameters = formulas.parameters
    for _, name in ipairs { "value", "gradient", "hessian" } do
        if formulas[name] then self:check(formulas[name]) end
    end
    local before = #self.lines
    self:put("\ndef loss(%s):", arguments)
    self:definitions(formulas.value, { formulas.value.text })
    self:put(python.assignment("    ", "return ", formulas.value.text))
    self:put("\n")
    if not self.torch then
        self:put("def gradient(%s):", arguments)
        local texts = {}
        for i, p in ipairs(formulas.gradient.partials) do texts[i] = p.text end
        self:definitions(formulas.gradient, texts)
        self:result(formulas.gradient.partials)
        self:put("\n")
        if formulas.hessian then
            self:put("def hessian_times(direction, %s):", arguments)
            texts = {}
            for i, p in ipairs(formulas.hessian.partials) do texts[i] = p.text end
            self:definitions(formulas.hessian, texts)
            self:result(formulas.hessian.partials)
            self:put("\n")
            self:put("def hessian(%s):", arguments)
            self:put("    columns = [hessian_times(e, %s) for e in np.eye(len(phi))]", arguments)
            self:put("    return np.stack(columns, axis=1)")
            self:put("\n")
        end
    elseif not self.class then
        self:put("def gradient(%s):", arguments)
        self:put("    phi = phi.detach().requires_grad_()")
        self:put("    return torch.autograd.grad(loss(%s), phi)[0]", arguments)
        self:put("\n")
        if self.rule.hessian then
            self:put("def hessian(%s):", arguments)
            self:put("    return torch.autograd.functional.hessian(lambda p: loss(%s), phi)",
                (arguments:gsub("^phi", "p")))
            self:put("\n")
        end
    end
    if self.rule.functions then self:put("%s\n", self:fill(self.rule.functions)) end
    -- The helpers that these use stand before them.
    local text = table.concat(self.lines, "\n", before + 1)
    local used = {}
    for _, helper in ipairs(helpers[self.target]) do
        if text:find("%f[%w_.]" .. helper[1] .. "%(") then used[#used + 1] = helper[2] .. "\n\n" end
    end
    if #used > 0 then
        used[1] = "\n" .. used[1]
        table.insert(self.lines, before + 1, table.concat(used, "\n"))
        self.lines[before + 2] = self.lines[before + 2]:gsub("^\n", "")
    end
    if text:find("%f[%w_.]math%.") then self.needs_math = true end
end

-- --- batches -------------------------------------------------------------------------------------

function Program:batches()
    local sampler = self.recipe.sampler
    if sampler.order == "all" then return end
    if sampler.batches then
        self:put("# The examples of %s, counted from 0.", sampler.order == "given"
            and "each batch; after the last comes the first again" or "each update's batch")
        self:put("batches = [")
        for _, batch in ipairs(sampler.batches) do
            self:put(python.filled("    [", python.integers(batch), "],"))
        end
        self:put("]\nbatch = itertools.cycle(batches)\n")
        self.needs_itertools = true
        return
    end
    self.needs_numpy = true
    local source = ("rng = np.random.RandomState(%s)"):format(sampler.seed or "")
    if sampler.generator then
        self:put(python.filled("state = [", python.integers(sampler.generator), "]"))
        source = ('rng = np.random.RandomState()\n    rng.set_state(("MT19937", state, %d))')
            :format(sampler.generator.position)
    end
    self:put("\ndef make_batches():")
    if sampler.order == "draw" then
        self:put('    """For every update the first %d examples of a fresh permutation."""',
            sampler.batch)
        self:put("    %s", source)
        self:put("    while True:")
        self:put("        yield rng.permutation(len(x))[:%d]", sampler.batch)
    else
        local fixed = sampler.order == "fixed"
        self:put('    """%s, cut into batches of %d."""', fixed and "One permutation for all epochs"
            or "A fresh permutation in every epoch", sampler.batch)
        self:put("    %s", source)
        if fixed then self:put("    order = rng.permutation(len(x))") end
        self:put("    while True:")
        if not fixed then self:put("        order = rng.permutation(len(x))") end
        self:put("        for i in range(0, len(x), %d):", sampler.batch)
        self:put("            yield order[i:i + %d]", sampler.batch)
    end
    self:put("\n\nbatch = make_batches()\n")
end

-- --- rates ---------------------------------------------------------------------------------------

local schedules = {
    constant = "return %(alpha)",
    step = "return %(alpha)*%(factor)**((k - 1)//%(every))",
    exponential = "return %(alpha)*%(factor)**(k - 1)",
    inverse_time = "return %(alpha)/(1 + %(decay)*(k - 1))",
    cosine = "q = min(1, (k - 1)/%(steps))\n"
        .. "    return %(final) + (%(alpha) - %(final))*(1 + math.cos(math.pi*q))/2",
    warmup = "return %(alpha)*min(1, k/%(steps))",
}

local function with_numbers(text, values)
    return (text:gsub("%%%((%w+_?%w*)%)", function(name) return python.setting(values[name]) end))
end

-- Of a list of arguments their values by name.
local function values_of(arguments)
    local values = {}
    for _, argument in ipairs(arguments) do values[argument.name] = argument.value end
    return values
end

-- The function `name` that gives the rate of update t, or nil where it is fixed.
function Program:rate(schedule, name)
    if core.type(schedule) ~= "schedule" then return nil end
    local text = schedules[schedule.name]
    if not text then
        local rates = self.run.trace.alpha
        if #rates ~= self.run.t + 1 then
            refuse("the rate is a Lua function, and the trace no longer has all of its values; "
                .. "give descend a larger memory")
        end
        local words = {}
        for t = 1, self.run.t do words[t] = python.setting(rates[t + 1]) end
        self:put("# The rates that a function gave.")
        self:put(python.filled(name .. "_list = [", words, "]", "    ") .. "\n")
        return name .. "_list[t - 1]"
    end
    local values = values_of(schedule.arguments)
    if schedule.name == "cosine" and values.final == 0 then
        text = text:gsub("return .*", "return %%(alpha)*(1 + math.cos(math.pi*q))/2")
    end
    self:put("\ndef %s(t):", name)
    self:put('    """The learning rate of update t: schedule.%s."""', schedule.name)
    local epochs = self.run.updates_per_epoch
    local k = values.per == "epoch" and epochs > 1 and ("(t - 1)//%d + 1"):format(epochs) or "t"
    text = with_numbers(text, values)
    if k ~= "t" then
        self:put("    k = %s  # the epoch", k)
    else
        text = text:gsub("%f[%w]k%f[%W]", "t")
    end
    self:put("    %s\n\n", text)
    if text:find("math%.") then self.needs_math = true end
    return name .. "(t)"
end

-- --- the loop ------------------------------------------------------------------------------------

local function settings_of(optimizer)
    return values_of(optimizer.arguments)
end

-- After the rule: constraints of the loss, held parameters, bounds.
function Program:limits(in_place)
    local lines, recipe = {}, self.recipe
    if #recipe.groups > 0 then
        lines[#lines + 1] = in_place and "phi.copy_(project(phi))" or "phi = project(phi)"
    end
    if recipe.held and (self.settings.weight_decay or 0) > 0 then
        lines[#lines + 1] = "phi[held] = start[held]"
    elseif recipe.held and #recipe.groups > 0 then
        lines[#lines + 1] = "phi[held] = start[held]"
    end
    if recipe.lower then
        lines[#lines + 1] = in_place and "phi.clamp_(lower, upper)"
            or self.torch and "phi = phi.clamp(lower, upper)" or "phi = np.clip(phi, lower, upper)"
    end
    return lines
end

function Program:constants()
    local recipe = self.recipe
    local components = self.run.objective.components
    if recipe.held then
        local names = {}
        for i, j in ipairs(recipe.held) do names[i] = components[j + 1] end
        local line = ("held = %s  # %s"):format(python.list(recipe.held), table.concat(names, ", "))
        self:put("%s", #line <= 92 and line
            or python.filled("held = [", python.integers(recipe.held), "]"))
    end
    if recipe.lower then
        self:put(python.array("lower", self.array, recipe.lower))
        self:put(python.array("upper", self.array, recipe.upper))
    end
    if #recipe.groups > 0 then
        local words = {}
        for i, group in ipairs(recipe.groups) do
            local first, last = group[1], group[#group]
            words[i] = last - first + 1 == #group
                and ("(slice(%d, %d), %s)"):format(first, last + 1, python.setting(group.c))
                or ("(%s, %s)"):format(python.list(group), python.setting(group.c))
        end
        self:put(python.filled("groups = [", words, "]", "    "))
        self:put("\n\ndef project(phi):")
        self:put '    """Scales back each group whose norm exceeds its limit (penalty.max_norm)."""'
        self:put("    phi = phi.%s()", self.torch and "clone" or "copy")
        self:put("    for places, limit in groups:")
        self:put("        norm = (phi[places]**2).sum()**0.5")
        self:put("        if norm > limit:")
        self:put("            phi[places] *= limit/norm")
        self:put("    return phi\n\n")
    end
end

function Program:start()
    local names, components = {}, self.run.objective.components
    local keeps = self.recipe.held and (#self.recipe.groups > 0
        or (self.settings.weight_decay or 0) > 0)
    if #components > INLINE then
        self:put_file("phi", core.array(self.recipe.start))
        if self.class then self:put("phi.requires_grad_()") end
        if keeps then self:put("start = phi%s", self.torch and ".detach().clone()" or ".copy()") end
        return
    end
    local text = python.array("phi", self.array, self.recipe.start,
        self.class and ", requires_grad=True" or "")
    for i = 1, math.min(#components, 8) do names[i] = components[i] end
    local comment = "  # " .. table.concat(names, ", ")
    local short = #components <= 8 and #text + #comment <= 92 and not text:find("\n")
    self:put("%s%s", text, short and comment or "")
    if keeps then self:put("start = phi%s", self.torch and ".detach().clone()" or ".copy()") end
end

function Program:print_loss()
    return ("print(loss(phi%s)%s)"):format(self.data_arguments, self.torch and ".item()" or "")
end

-- One update with a class of torch.optim.
function Program:class_loop(rate)
    local s = self.settings
    local values = setmetatable({}, { __index = s })
    if rate then values.alpha = 0 end
    local text = with_numbers(self.class, values)
    self:put("# lr is alpha%s.", ({
        adam = (s.weight_decay or 0) > 0 and ", betas are beta and gamma; the decay is decoupled"
            or ", betas are beta and gamma",
        rmsprop = "; what PyTorch calls alpha is gamma", adadelta = ", rho is gamma",
        momentum = ", momentum is beta" })[self.name] or "")
    self:put("optimizer = %s\n", text)
    self:put(self:print_loss())
    self:put("for t in range(1, %d):", self.run.t + 1)
    local function put(line) self:put("    " .. line) end
    if self.batched then put "i = next(batch)" end
    if rate then put('optimizer.param_groups[0]["lr"] = ' .. rate) end
    put "optimizer.zero_grad()"
    put(self:fill "LOSS(phi).backward()")
    if self.recipe.held then put "phi.grad[held] = 0" end
    if s.clip then
        put "norm = phi.grad.norm()"
        put(("if norm > %s:"):format(python.setting(s.clip)))
        put(("    phi.grad *= %s/norm"):format(python.setting(s.clip)))
    end
    put "optimizer.step()"
    local limits = self:limits(true)
    if #limits > 0 then
        put "with torch.no_grad():"
        for _, line in ipairs(limits) do put("    " .. line) end
    end
    put(self:print_loss())
end

-- The updates from + 1 ... to with a rule that is written out. `fresh`: its state begins at zero.
function Program:rule_loop(part, from, to, rate, fresh)
    local s, made = self.settings, self.rule
    local names, values = {}, {}
    for _, name in ipairs(made.numbers or {}) do
        local value = made.values and made.values[name] or s[name]
        if name and not (name == "alpha" and rate) then
            names[#names + 1], values[#values + 1] = name, python.setting(value)
        end
    end
    if #names > 0 then
        self:put("%s = %s", table.concat(names, ", "), table.concat(values, ", "))
    end
    if fresh then
        for _, line in ipairs(made.state or {}) do self:put(self:fill(line)) end
    end
    if from == 0 then self:put("\n%s", self:print_loss()) end
    self.age = part.origin > 0 and ("(t - %d)"):format(part.origin) or "t"
    self:put("for t in range(%d, %d):", from + 1, to + 1)
    local function put(line) self:put("    " .. self:fill(line)) end
    if self.batched then put "i = next(batch)" end
    if rate then put("alpha = " .. rate) end
    if made.ahead then put(made.ahead) end
    put(made.ahead and "g = GRADIENT(ahead)" or "g = GRADIENT(phi)")
    if self.recipe.held then put "g[held] = 0" end
    if made.hessian then
        put(("H = " .. "GRADIENT(phi)"):gsub("GRADIENT", "HESSIAN"):gsub("HESSIAN%(phi%)",
            "hessian(phi" .. self.batch_arguments .. ")"))
        if self.recipe.held then
            put "H[held, :] = 0"
            put "H[:, held] = 0"
            put "H[held, held] = 1"
        end
    end
    if s.clip then
        put "norm = (g**2).sum()**0.5"
        put(("if norm > %s:"):format(python.setting(s.clip)))
        put(("    g = g*(%s/norm)"):format(python.setting(s.clip)))
    end
    for _, line in ipairs(made.step) do put(line) end
    for _, line in ipairs(self:limits(false)) do put(line) end
    put(self:print_loss())
end

-- --- a whole program -----------------------------------------------------------------------------

function Program:imports()
    local list = {}
    if self.needs_itertools then list[#list + 1] = "import itertools" end
    if self.needs_math then list[#list + 1] = "import math" end
    if self.needs_path then list[#list + 1] = "import pathlib" end
    if #list > 0 then list[#list + 1] = "" end
    if self.needs_numpy or not self.torch then list[#list + 1] = "import numpy as np" end
    if self.torch then
        list[#list + 1] = "import torch"
        list[#list + 1] = "\ntorch.set_default_dtype(torch.float64)"
    end
    list[#list + 1] = ""
    self.lines[self.import_at] = table.concat(list, "\n")
end

-- The rule of one part, and whether PyTorch has it.
function Program:choose(part)
    local optimizer = part.optimizer
    self.name, self.settings = optimizer.name, settings_of(optimizer)
    local make = not part.own and rule[self.name]
    if not make or type(make) ~= "function" then
        refuse("the rule %s is a Lua function, which cannot be written as Python; export a run of "
            .. "one of the built-in rules", self.name)
    end
    if rule.searches[self.name] then
        if self.recipe.lower then
            refuse("with bounds, %s treats the parameters at a bound apart, which the program "
                .. "does not; export a run without bounds", self.name)
        elseif self.settings.clip then
            refuse("%s with clip is not written; export a run without clip", self.name)
        end
    end
    self.rule = make(self.settings, self.recipe.held)
    if self.rule.math then self.needs_math = true end
    self.class = nil
    local of_torch = self.torch and rule.torch[self.name]
    if of_torch and #self.recipe.parts == 1 then
        local text, why = of_torch(self.settings)
        local decays = self.recipe.held and (self.settings.weight_decay or 0) > 0
        if text and not decays then self.class = text else self.why = why end
    end
end

local function build(run, path, target)
    local recipe = core.run_recipe(run)
    local self = setmetatable({
        run = run, path = path, target = target, torch = target == "torch", lines = {},
        files = {},
        module = target == "torch" and "torch" or "np",
        array = target == "torch" and "torch.tensor" or "np.array",
        recipe = recipe, batched = recipe.sampler.order ~= "all",
    }, Program)
    self.data_arguments = not run.data and ""
        or ", x, y" .. (run.data.weights and ", weight" or "")
    self.batch_arguments = self.data_arguments
    if self.batched then self.batch_arguments = self.batch_arguments:gsub("%a+", "%0[i]") end
    -- Of a fork only the parts that have made updates count.
    local parts = {}
    for i, part in ipairs(recipe.parts) do
        local following = recipe.parts[i + 1]
        part.to = math.min(following and following.from or run.t, run.t)
        if part.to > part.from or #parts == 0 then parts[#parts + 1] = part end
    end
    recipe.parts = parts
    self:choose(parts[1])
    self:head()
    self:data()
    self:functions()
    self:batches()
    local rates = {}
    for i, part in ipairs(parts) do
        local alpha = part.optimizer.arguments[1]
        if alpha and alpha.name == "alpha" then
            rates[i] = self:rate(alpha.value, #parts > 1 and "rate" .. i or "rate")
        end
    end
    self:constants()
    self:start()
    if self.class then
        self:class_loop(rates[1])
    else
        if self.why then self:put("# %s the rule itself.", self.why) end
        for i, part in ipairs(parts) do
            if i > 1 then
                self:choose(part)
                if self.rule.functions and self.name ~= parts[i - 1].optimizer.name then
                    self:put("\n\n%s\n", self:fill(self.rule.functions))
                end
                self:put("\n# From update %d on: %s.", part.from + 1, part.optimizer.title)
            end
            local fresh = i == 1 or part.origin == part.from
            self:rule_loop(part, part.from, part.to, rates[i], fresh)
        end
    end
    self:imports()
    local text = table.concat(self.lines, "\n") .. "\n"
    text = text:gsub("[ \t]+\n", "\n"):gsub("\n\n\n\n+", "\n\n\n")
    for name, bytes in pairs(self.files) do core.host.write(name, bytes) end
    core.host.write(path, text)
end

local function leaves_out(model)
    if (model.arguments and model.arguments.dropout or 0) > 0 then return true end
    for _, part in ipairs(model.parts or {}) do
        if leaves_out(part) then return true end
    end
    return false
end

-- What no program can repeat yet.
local function check_exported(run)
    local loss = run.objective
    if loss.model and leaves_out(loss.model) then
        refuse("dropout leaves out units by this program's own random numbers, which no other "
            .. "has; export a run of the same model with dropout = 0")
    end
end

module.export = doc.define(record, function(run, file, options)
    if core.type(run) ~= "run" then doc.fail("export takes a run first: %s", record.signature) end
    if type(file) ~= "string" or file == "" then
        doc.fail('export takes the name of a file second: export(r, "fit.py")')
    end
    local chosen = doc.options(record, options or {})
    check_exported(run)
    build(run, file, chosen.to)
end)

return module
