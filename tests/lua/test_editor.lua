-- SPDX-License-Identifier: GPL-3.0-or-later
-- What editors use: descent-send into a pane of tmux, and the file type in Vim.

local check = require "check"

local function quote(text) return "'" .. text:gsub("'", "'\\''") .. "'" end

local function output(command)
    local pipe = assert(io.popen(command))
    local text = pipe:read("a")
    return text, pipe:close()
end

local here = output("pwd"):gsub("\n$", "")
local program = os.getenv("DESCENT_PROGRAM") or arg[-1] or "build/descent"
if not program:find("^[/ ]") then program = here .. "/" .. program end
local place = output("mktemp -d"):gsub("\n$", "")

local function write(name, text)
    local file = assert(io.open(place .. "/" .. name, "w"))
    file:write(text)
    file:close()
    return place .. "/" .. name
end

-- Lines with a blank one inside a function: a prompt that took them one by one would print.
local block = "f = function(x)\n\n    -- twice\n    return 2*x\nend\nprint('sum', f(20) + 2)\n"

local function wait_for(command, pattern)
    local text
    for _ = 1, 100 do
        text = output(command)
        if text:find(pattern) then return text end
        os.execute("sleep 0.1")
    end
    check.fail("%s did not come:\n%s", pattern, text)
end

if output("command -v tmux") == "" or program:find(" ") then
    check.skip("descent-send", "tmux is not installed, or the program is several words")
else
    local socket = place .. "/tmux"
    local tmux = "env -u TMUX tmux -S " .. quote(socket) .. " "
    -- The script calls plain tmux: one that knows the socket stands before it.
    write("tmux-here", "#!/bin/sh\nexec " .. output("command -v tmux"):gsub("\n", "")
        .. " -S " .. quote(socket) .. ' "$@"\n')
    os.execute(("mkdir %s/bin && mv %s/tmux-here %s/bin/tmux && chmod +x %s/bin/tmux"):format(
        quote(place), quote(place), quote(place), quote(place)))
    local send = ("env -u TMUX PATH=%s/bin:$PATH scripts/editor/descent-send"):format(quote(place))

    check.test("a block is pasted into the pane that runs descent, and runs once", function()
        local text, fine = output(("printf x | %s 2>&1"):format(send))
        check.ok(not fine)
        check.contains(text, "no pane of tmux runs descent")
        local start = ("env HOME=%s NO_COLOR=1 LC_ALL=C.UTF-8 %s"):format(quote(place), program)
        check.ok(os.execute(tmux .. "-f /dev/null new-session -d -x 90 -y 30 cat"))
        check.ok(os.execute(tmux .. "split-window " .. quote(start)))
        local capture = tmux .. "capture-pane -p -t 0.1"
        wait_for(capture, "\n> *\n")
        text, fine = output(("%s < %s 2>&1"):format(send, quote(write("block.lua", block))))
        check.ok(fine, text)
        local shown = wait_for(capture, "sum%s+42")
        check.ok(not shown:find("error"), shown)
        check.equal(output(tmux .. "list-buffers"), "")
        check.ok(not output(tmux .. "capture-pane -p -t 0.0"):find("function"), "the other pane")
    end)

    check.test("what cannot be sent is said in one sentence", function()
        local text, fine = output(("printf x | DESCENT_PANE=nowhere:7 %s 2>&1"):format(send))
        check.ok(not fine)
        check.contains(text, "descent-send: tmux could not type into the pane nowhere:7")
    end)
    os.execute(tmux .. "kill-server 2>/dev/null")
end

if output("command -v vim") == "" then
    check.skip("the file type", "vim is not installed")
else
    check.test("Vim knows a script of descent", function()
        check.ok(os.execute(("mkdir -p %s/vim && cp -r scripts/editor/vim %s && mkdir -p "
            .. "%s/vim/syntax"):format(quote(place), quote(place), quote(place))))
        check.ok(os.execute(("%s scripts/reference.lua %s"):format(program, quote(place))))
        check.ok(os.execute(("mv %s/descent.vim %s/vim/syntax"):format(quote(place),
            quote(place))))
        local vimrc = write("vimrc", ("set nocompatible\nset runtimepath^=%s/vim\n"
            .. "filetype plugin on\nsyntax on\n"):format(place))
        write("a.descent", "r = descend(L, optim.adam{alpha = 0.1})\n")
        write("b.lua", "#!/usr/bin/env descent\nprint(1)\n")
        write("c.lua", "print(1)\n")
        local found = write("found", "")
        for name, expected in pairs { ["a.descent"] = "descent", ["b.lua"] = "descent",
            ["c.lua"] = "lua" } do
            os.execute(("HOME=%s vim -u %s -i NONE -es -c 'call writefile([&filetype, "
                .. "exists(\":DescentSend\"), synIDattr(synID(1, 16, 1), \"name\")], \"%s\")' "
                .. "-c 'qa!' %s/%s >/dev/null 2>&1 </dev/null"):format(quote(place),
                quote(vimrc), found, place, name))
            local lines = {}
            for line in io.lines(found) do lines[#lines + 1] = line end
            check.equal(lines[1], expected, name)
            check.equal(lines[2], "2", name)
            if name == "a.descent" then check.equal(lines[3], "descentSpace") end
        end
    end)
end

os.execute("rm -rf " .. quote(place))
