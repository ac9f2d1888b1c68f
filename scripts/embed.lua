-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- embed.lua OUTPUT FILE...: writes a C file that holds the given files (src/bind/embedded.h).
-- Runs in any Lua from 5.1 on. Equal inputs give an equal output: sorted by path, no dates.

local output = assert(arg[1], "usage: embed.lua OUTPUT FILE...")
local paths = {}
for i = 2, #arg do paths[#paths + 1] = arg[i] end
table.sort(paths)

-- lua/descent/plot/loss.lua is descent.plot.loss, lua/descent/init.lua is descent; all else keeps
-- its path.
local function module_name(path)
    local inner = path:match("^lua/(.+)%.lua$")
    if not inner then return path end
    return (inner:gsub("/init$", ""):gsub("/", "."))
end

local function read(path)
    local file, reason = io.open(path, "rb")
    if not file then error("cannot read " .. reason, 0) end
    local text = file:read("*a")
    file:close()
    return text
end

local hexadecimal = {}
for i = 0, 255 do hexadecimal[string.char(i)] = ("0x%02x,"):format(i) end

local lines = { '#include "bind/embedded.h"', "" }
local rows = {}
for i, path in ipairs(paths) do
    local text = read(path)
    lines[#lines + 1] = ("static const unsigned char file_%d[] = {"):format(i)
    for first = 1, #text, 16 do
        lines[#lines + 1] = (text:sub(first, first + 15):gsub(".", hexadecimal))
    end
    lines[#lines + 1] = "0x00};"
    rows[#rows + 1] = ('    {"%s", "%s", file_%d, %d},'):format(module_name(path), path, i, #text)
end
lines[#lines + 1] = ""
lines[#lines + 1] = "const struct embedded embedded_files[] = {"
for _, row in ipairs(rows) do lines[#lines + 1] = row end
lines[#lines + 1] = "    {0, 0, 0, 0},"
lines[#lines + 1] = "};"
lines[#lines + 1] = ("const size_t embedded_count = %d;"):format(#paths)

local file, reason = io.open(output, "wb")
if not file then error("cannot write " .. reason, 0) end
file:write(table.concat(lines, "\n"), "\n")
assert(file:close())
