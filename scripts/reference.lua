-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- reference.lua [FOLDER]: writes the reference into FOLDER (default: build) from the records behind
-- help: reference.md, reference.html, descent.7 (its frame is man/descent.7.in), descent.vim, and
-- annotations/ for the Lua language server. Run by the built program:
--
--     build/descent scripts/reference.lua build
--
-- Equal records give equal files: sorted by name, no dates.

local folder = arg[1] or "build"
local scripts = arg[0]:match("^(.*)/[^/]*$") or "."
package.path = scripts .. "/reference/?.lua;" .. package.path

local function write(path, lines)
    local file, reason = io.open(path, "w")
    if not file then error("cannot write " .. reason, 0) end
    file:write(table.concat(lines, "\n"), "\n")
    assert(file:close())
end

write(folder .. "/reference.md", require "markdown" ())
write(folder .. "/reference.html", require "html" ())
write(folder .. "/descent.vim", require "vim" ())
write(folder .. "/descent.7", require "manual" (scripts .. "/../man/descent.7.in"))
if not os.execute("mkdir -p '" .. folder:gsub("'", "'\\''") .. "/annotations'") then
    error("cannot make the folder " .. folder .. "/annotations", 0)
end
for name, lines in pairs(require "annotations" ()) do
    write(folder .. "/annotations/" .. name, lines)
end
