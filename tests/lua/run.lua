-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- run.lua [FILE...]: runs every tests/lua/test_*.lua (or the files given), each in a process of its
-- own, so that none sees what another left behind and a crash is one failure.
-- DESCENT_PROGRAM is the command that runs a Lua file; without it, the one that runs this file.

local folder = arg[0]:match("^(.*)/[^/]*$") or "."
package.path = ("%s/?.lua;%s/../oracle/?.lua;"):format(folder, folder) .. package.path

local function quote(text) return "'" .. text:gsub("'", "'\\''") .. "'" end

local function summary(passed, failed) return ("%d passed, %d failed"):format(passed, failed) end

local function run_here(path)
    local check = require "check"
    local chunk, reason = loadfile(path)
    if chunk then
        local before = check.passed + check.failed
        local fine, problem = xpcall(chunk, debug.traceback, path)
        if not fine or (check.passed + check.failed == before and check.skipped == 0) then
            check.count(path, fine, problem)
        end
    else
        check.count(path, false, reason)
    end
    print(summary(check.passed, check.failed))
    os.exit(check.failed == 0 and 0 or 1, true)
end

local function run_apart(path)
    local program = os.getenv("DESCENT_PROGRAM") or quote(arg[-1] or "build/descent")
    local command = ("%s %s --here %s 2>&1 </dev/null"):format(program, quote(arg[0]), quote(path))
    local pipe = assert(io.popen(command))
    local passed, failed, shown = nil, nil, {}
    for line in pipe:lines() do
        local p, f = line:match("^(%d+) passed, (%d+) failed$")
        if p then
            passed, failed = tonumber(p), tonumber(f)
        elseif line:find("^skipped: ") then
            print(path .. ": " .. line)
        else
            shown[#shown + 1] = line
        end
    end
    local fine, how, code = pipe:close()
    if not passed then
        passed, failed = 0, 1
        shown[#shown + 1] = ("FAILED %s: ended by %s %s before its last test"):format(path,
            how == "signal" and "signal" or "exit code", code)
    elseif not fine and failed == 0 then
        failed = 1
        shown[#shown + 1] = ("FAILED %s: ended with %s %s after its tests"):format(path, how, code)
    end
    if failed > 0 then print(table.concat(shown, "\n")) end
    print(("%s: %s"):format(path, summary(passed, failed)))
    return passed, failed
end

if arg[1] == "--here" then run_here(arg[2]) end

local paths = { table.unpack(arg) }
if #paths == 0 then
    local listing = assert(io.popen("ls " .. quote(folder) .. "/test_*.lua 2>/dev/null"))
    for path in listing:lines() do paths[#paths + 1] = path end
    listing:close()
end

local passed, failed = 0, 0
for _, path in ipairs(paths) do
    local p, f = run_apart(path)
    passed, failed = passed + p, failed + f
end
print(summary(passed, failed))
os.exit(failed == 0 and #paths > 0 and 0 or 1, true)
