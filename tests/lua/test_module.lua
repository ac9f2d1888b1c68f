-- SPDX-License-Identifier: GPL-3.0-or-later
-- The module in a stock lua5.4, as `make install` lays it out: DESCENT_MODULE is the folder of the
-- C part, DESCENT_PRELOAD a library that it needs first (a sanitizer's).

local check = require "check"

local module = os.getenv("DESCENT_MODULE")
if not module then
    check.skip("the module", "DESCENT_MODULE is not set")
    return
end

local function run(code, lua)
    local file = os.tmpname()
    local handle = assert(io.open(file, "w"))
    handle:write(code)
    handle:close()
    local program = lua or "$(command -v lua5.4 || command -v lua54 || command -v lua)"
    local pipe = assert(io.popen(("LD_PRELOAD='%s' LUA_PATH='lua/?.lua;lua/?/init.lua;;' "
        .. "LUA_CPATH='%s/?.so;;' %s %s 2>&1 </dev/null"):format(
        os.getenv("DESCENT_PRELOAD") or "", module, program, file)))
    local text = pipe:read("a")
    local fine = pipe:close()
    os.remove(file)
    return text, fine
end

check.test("require gives the language without touching the globals", function()
    local text, fine = run [[
        local before = {}
        for name in pairs(_G) do before[name] = true end
        local descent = require "descent"
        for name in pairs(_G) do assert(before[name], name) end
        local L = descent.loss.least_squares(descent.model.line, descent.data.line12)
        print(("%.6f"):format(L(0.6, -0.2)))
    ]]
    check.equal(text, "12.366904\n")
    check.ok(fine)
end)

check.test("a run steps in stock Lua", function()
    local text, fine = run [[
        local descent = require "descent"
        local L = descent.loss.least_squares(descent.model.line, descent.data.line12)
        local r = descent.descend(L, descent.optim.gd{alpha = 0.01}, {start = {1.6, -0.5}})
        r:step(100)
        print(r.t, r.loss < L(1.6, -0.5))
    ]]
    check.equal(text, "100\ttrue\n")
    check.ok(fine)
end)

check.test("an error carries the user's own line", function()
    local text, fine = run "local descent = require 'descent'\n\ndescent.optim.gd{lr = 1}\n"
    check.ok(not fine)
    check.contains(text, ":3: ")
    check.contains(text, "alpha")
end)

check.test("another Lua is refused in one sentence", function()
    local text, fine = run([[_VERSION = "Lua 5.3" require "descent"]])
    check.ok(not fine)
    check.contains(text, ": descent is a module for Lua 5.4, and this is Lua 5.3\n")
    local pipe = io.popen "command -v luajit"
    local other = pipe:read("l")
    pipe:close()
    if not other then return end
    text, fine = run("require 'descent'", other)
    check.ok(not fine)
    check.matches(text, "luajit: descent is a module for Lua 5%.4, and this is LuaJIT 2%.")
end)
