-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- plot: every file of plot/kind/ makes a description, which is then drawn by one of the backends.
-- A kind file returns
--
--     { record = its documentation,
--       describe = function(options) -> description    (see plot/description.lua)
--       accepts = function(values) -> true where plot(...) with these values is best drawn so,
--       order = number: kinds with a lower one are asked first (100) }

local core = require "descent.core"
local description = require "descent.plot.description"
local doc = require "descent.doc"
local output = require "descent.plot.output"

local plot = {}
local kinds = {}

-- A list of numbers stands for an array; with names beside them the numbers are values in braces.
local function is_list(value)
    if type(value[1]) ~= "number" then return false end
    for key in pairs(value) do
        if math.type(key) ~= "integer" then return false end
    end
    return true
end

-- Options are what stands in braces; plot.fit(r) is plot.fit{r}, plot.fit(r, {residuals = true})
-- joins the two.
local function options_of(...)
    local options, count = {}, select("#", ...)
    for i = 1, count do
        local value = select(i, ...)
        local named = type(value) == "table" and not getmetatable(value)
        if named and i == count and not (count == 1 and is_list(value)) then
            for key, item in pairs(value) do
                if math.type(key) ~= "integer" then options[key] = item end
            end
            for _, item in ipairs(value) do options[#options + 1] = item end
        elseif value == nil then
            doc.fail("plot: value %d is nil", i)
        else
            options[#options + 1] = value
        end
    end
    return options
end

local function load_kinds()
    local list = {}
    for _, module in ipairs(core.modules) do
        local name = module:match("^descent%.plot%.kind%.([%w_]+)$")
        if name then list[#list + 1] = name end
    end
    for _, name in ipairs(list) do
        local kind = require("descent.plot.kind." .. name)
        kind.name = name
        kinds[#kinds + 1] = kind
        plot[name] = doc.define(kind.record, function(...)
            output.show(kind.describe(options_of(...)))
        end)
    end
    table.sort(kinds, function(a, b)
        local x, y = a.order or 100, b.order or 100
        if x ~= y then return x < y end
        return a.name < b.name
    end)
end

local function describe_values(options)
    for _, kind in ipairs(kinds) do
        if kind.accepts and kind.accepts(options) then return kind.describe(options) end
    end
    local first = options[1]
    local name = first == nil and "nothing" or core.type(first)
    if name == "model" then
        doc.fail("plot: a model needs parameters to be drawn: plot.fit{m, phi = {...}, data = d}")
    elseif name == "loss" then
        doc.fail("plot: this loss has %d parameters; name the two to be shown, as in "
            .. "plot.surface{L, [\"%s\"] = {-1, 1}, [\"%s\"] = {-1, 1}, phi = {...}}, or the "
            .. "plane of a run, plot.surface{L, r, plane = \"pca\"}", first.size,
            first.components[1], first.components[2] or first.components[1])
    end
    if name == "dataset" then name = "data set" end
    local what = name == "nothing" and name or (name:find("^[aeiou]") and "an " or "a ") .. name
    doc.fail("plot: it cannot draw %s; it draws data sets, runs, losses of one or two parameters, "
        .. "functions of one or two numbers, arrays, and data sets together with runs",
        #options > 1 and "these together, beginning with " .. what or what)
end

-- Given as plot(x) and as plot{...}: the second is for tables of numbers and options.
local function call(_, ...)
    local first = ...
    local options
    if select("#", ...) == 1 and type(first) == "table" and not getmetatable(first)
        and (type(first[1]) == "number" or type(first[1]) == "table") then
        options = { first } -- a table of numbers stands for an array
    else
        options = options_of(...)
    end
    output.show(describe_values(options))
end

doc.define({
    name = "plot",
    signature = "plot(x, ...)",
    summary = "Draws whatever it is given in the way that suits it: a data set, a run (model and "
        .. "data beside the loss), a loss of two parameters as a surface, a function as a curve, "
        .. "an array, or "
        .. "data and runs together.",
    arguments = {
        { name = "x", type = "value", required = true,
          summary = "a data set, run, loss, function or array; several together where they fit" },
    },
    returns = "nothing; plot.save, plot.describe and plot.script work on the last plot",
    errors = "what it cannot draw, and data without a single finite value",
    example = [[
plot.output("none")
plot(data.line12)
print(plot.describe())]],
    result = [[
line12, 12 examples: across x from −0.0261 to 1.956, up y from 0.617 to 1.783.
data: 12 points, across from 0.03 to 1.9, up from 0.67 to 1.73.]],
}, plot)

plot.output = doc.define({
    name = "plot.output",
    signature = 'plot.output("auto"|"text"|"kitty"|"iterm"|"sixel"|"window"|"none")',
    summary = "Chooses where plots go from now on; the variable DESCENT_PLOT is the choice at "
        .. "start. Pictures are drawn by gnuplot; where one cannot be shown, a line says why and "
        .. "text is shown.",
    arguments = {
        { name = "kind", type = "string", required = true,
          summary = '"auto": what suits the terminal, which is asked; "text": characters; '
              .. '"kitty", "iterm", "sixel": pictures inside terminals that know these ways; '
              .. '"window": a window on the display; "none": nowhere, but plot.save and '
              .. "plot.describe work" },
    },
    example = [[
plot.output("none")
plot(data.line12)]],
    result = "",
}, function(kind)
    output.choose(kind)
end)

local theme_record = {
    name = "plot.theme",
    signature = 'plot.theme{ground = "auto", palette = "udl", font = "DejaVu Sans,12"}',
    summary = "Changes how plots look from now on.",
    arguments = {
        { name = "ground", type = "choice", choices = "auto|dark|light", default_text = "as it is",
          summary = "auto: the terminal's own ground; light in files" },
        { name = "palette", type = "choice", choices = table.concat(output.palettes(), "|"),
          default_text = "as it is", summary = "the colours of surfaces, all from dark to light" },
        { name = "font", type = "value", default_text = "as it is",
          summary = "of pictures: a size, or a name and a size as one string" },
    },
    example = [[
plot.theme{ground = "light", palette = "cividis"}]],
    result = "",
}

local function check_font(font)
    if font == nil then return nil end
    if type(font) == "number" and font >= 4 and font <= 100 then return font end
    if type(font) == "string" and font:find("^[^,]+,?%s*%d*%.?%d*$") then return font end
    doc.fail("plot: font is a size from 4 to 100, or a name with a size, such as "
        .. "\"DejaVu Sans,12\"")
end

plot.theme = doc.define(theme_record, function(options)
    if type(options) == "string" then options = { ground = options } end
    local checked = doc.options(theme_record, options or {})
    checked.font = check_font(checked.font)
    output.set_theme(checked)
end)

local save_record = {
    name = "plot.save",
    signature = 'plot.save("fit.png", {size =, theme =, font =})',
    summary = "Writes the last plot into a file: .png, .svg and .pdf through gnuplot, .gp as a "
        .. "gnuplot script with its data, .txt as text. The file is written whole or not at all.",
    arguments = {
        { name = "size", type = "array", shape = "2",
          default_text = "{900, 600}; two panels {1200, 560}",
          summary = "width and height in pixels (100 to an inch in .pdf), in characters for .txt" },
        { name = "theme", type = "choice", choices = "dark|light",
          default_text = "as plot.theme says", summary = "the ground of the picture" },
        { name = "font", type = "value", default_text = "12",
          summary = "its size, or name and size" },
    },
    errors = "before the first plot, another ending, a folder that is not there, a full disk",
    example = [[
plot.output("none")
plot(data.line12)
name = os.tmpname() .. ".txt"
plot.save(name, {size = {40, 12}})
for line in io.lines(name) do print(line:match("%S.*")) break end
os.remove(name)]],
    result = "line12, 12 examples",
}

plot.save = doc.define(save_record, function(path, options)
    if options ~= nil and type(options) ~= "table" then
        doc.fail("plot.save: options are given in braces, as in %s", save_record.signature)
    end
    local checked = doc.options(save_record, options or {})
    checked.font = check_font(checked.font)
    output.save(path, checked)
end)

plot.describe = doc.define({
    name = "plot.describe",
    signature = "plot.describe()",
    summary = "The last plot in words: what the axes span, where curves and paths begin and end, "
        .. "where the lowest and highest values are.",
    returns = "a text",
    errors = "before the first plot",
    example = [[
plot.output("none")
plot.curve{function(x) return x^2 - 4*x + 5 end, from = 0, to = 4}
print(plot.describe())]],
    result = [[
f(x): across x from 0 to 4, up f(x) from 0.8 to 5.2.
f(x): from (0, 5) to (4, 5), lowest 1 at 2.]],
}, function()
    return description.text(table.concat(output.words(), "\n"))
end)

plot.script = doc.define({
    name = "plot.script",
    signature = "plot.script()",
    summary = "The last plot as a gnuplot script that stands alone, with its data: to learn from, "
        .. "and to change.",
    returns = "a text; plot.save(\"fit.gp\") writes it into a file",
    errors = "before the first plot",
    example = [[
plot.output("none")
plot(data.line12)
print(plot.script():match("\n(plot [^\n]*)"))]],
    result = "plot $data1 using 1:2 with points pt 7 ps 1.1 lc rgb '#0072b2' notitle",
}, function()
    return description.text(output.script())
end)

plot.live = require "descent.plot.live"
plot.record = require "descent.plot.record"

load_kinds()

local function missing(_, name)
    if type(name) ~= "string" then
        doc.fail("plot has names, and cannot be indexed by a %s", core.type(name))
    end
    local names = {}
    for known in next, plot do names[#names + 1] = known end
    table.sort(names)
    local nearest = doc.nearest(name, names)
    doc.fail("plot has no %q; %s", name, nearest and ("did you mean plot.%s?"):format(nearest)
        or "help(plot) lists what it has")
end

return setmetatable(plot, {
    __call = call, __name = "plot", __index = missing,
    __tostring = function() return require("descent.show").namespace(plot) end,
})
