-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- python.lua: what Python programs compute, for tests that compare with them.
--
--     local python = require "python"
--     local torch = python.with "torch"          -- nil where it is not installed
--     local numbers = torch("print(1/3)")        -- {0.33333333333333331}

local python = {}

local function quote(text) return "'" .. text:gsub("'", "'\\''") .. "'" end

-- A function that runs a program and returns the numbers it prints, or nil.
function python.with(module)
    for _, name in ipairs{ os.getenv("PYTHON") or "python3", "python3", "/usr/bin/python3" } do
        local command = name ~= "" and ("%s -c %s >/dev/null 2>&1"):format(name,
            quote("import " .. module))
        if command and os.execute(command) then
            return function(code)
                local path = os.tmpname()
                local file = assert(io.open(path, "w"))
                file:write("import sys\nsys.dont_write_bytecode = True\n", code, "\n")
                file:close()
                local pipe = assert(io.popen(name .. " " .. path .. " 2>&1"))
                local text = pipe:read("a")
                local fine = pipe:close()
                os.remove(path)
                if not fine then error("the Python program failed:\n" .. text, 2) end
                local numbers = {}
                for word in text:gmatch("%S+") do
                    numbers[#numbers + 1] = tonumber(word) or error("no number: " .. text, 2)
                end
                return numbers
            end
        end
    end
end

-- A Lua list (or array, or list of lists) as a Python literal, to the last bit.
function python.literal(value)
    if type(value) == "number" then
        local text = ("%.17g"):format(value)
        return text:find("^%-?%d+$") and text .. ".0" or text
    end
    local parts = {}
    for _, item in ipairs(value) do parts[#parts + 1] = python.literal(item) end
    return "[" .. table.concat(parts, ", ") .. "]"
end

return python
