-- SPDX-License-Identifier: GPL-3.0-or-later
-- Every script under scripts/examples runs, says what its first line promises within 80 columns,
-- leaves nothing behind, and stands in the README.

local check = require "check"

local function quote(text) return "'" .. text:gsub("'", "'\\''") .. "'" end

local function output(command)
    local pipe = assert(io.popen(command))
    local text = pipe:read("a")
    return text, pipe:close()
end

local program = (os.getenv("DESCENT_PROGRAM") or quote(arg[-1] or "build/descent"))
    :gsub("^'([^/'])", "'" .. output("pwd"):gsub("\n$", ""):gsub("%%", "%%%%") .. "/%1")
local here = output("pwd"):gsub("\n$", "")
local place = output("mktemp -d"):gsub("\n$", "")

-- What is known of each without running it: the closed form, the true parameters, theory.
local expected = {
    ["01-own-data"] = { "closed form:", "16 examples, 3 inputs", "238%.5 thousand" },
    ["02-own-model"] = { "height = 2%.0", "rate = 0%.7", "level =%s+0%.50" },
    ["03-compare-optimizers"] = { "L%-BFGS .* %(lowest%)" },
    ["04-own-optimizer"] = { "lion", "update 300" },
    ["05-learning-rate"] = { "2/λ =\t0%.0399759", "It diverges" }, -- 2/50.030...
    ["06-batch-noise"] = { "batches of 64", "constant", "falling" },
    ["07-cross-validation"] = { "lowest validation loss: degree\t[345]" },
    ["08-logistic"] = { "accuracy on the training data 0%.9", "f%[x, φ%]" },
    ["09-small-net"] = { "validation loss 0%.0" },
    ["10-export"] = { "import torch", "torch%.optim%.Adam", "prints 0%.64991668%d+ last" },
}

local readme = assert(io.open("README.md")):read("a")
local found = 0

for path in output("ls scripts/examples/*.lua"):gmatch("[^\n]+") do
    local name = path:match("([^/]+)%.lua$")
    found = found + 1
    check.test("example " .. name, function()
        local first = assert(io.open(path)):read("a"):match("^[^\n]*\n(%-%- [^\n]+%.)\n")
        check.ok(first, "the line that says what it shows")
        check.contains(readme, "scripts/examples/" .. name .. ".lua")
        local text, fine = output(("cd %s && NO_COLOR=1 LC_ALL=C.UTF-8 DESCENT_PLOT=text "
            .. "COLUMNS=80 %s %s 2>&1 </dev/null"):format(quote(place), program,
            quote(here .. "/" .. path)))
        check.ok(fine, text)
        check.ok(expected[name], "nothing is expected of it")
        for _, pattern in ipairs(expected[name]) do
            check.ok(text:find(pattern), pattern .. " is not in\n" .. text)
        end
        for line in text:gmatch("[^\n]+") do
            -- The exported program has lines of its own.
            check.ok(name == "10-export" or utf8.len((line:gsub("\t", "  "))) <= 80, line)
        end
        check.equal(output("ls -A " .. quote(place)), "")
    end)
end

check.test("there are ten examples", function() check.equal(found, 10) end)

os.execute("rm -r " .. quote(place))
