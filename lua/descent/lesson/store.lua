-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- store.lua: the data folder of the XDG base directory specification, and files in it that are
-- either written whole or not at all.

local store = {}

-- $XDG_DATA_HOME/descent, or ~/.local/share/descent; nil where there is no home.
function store.folder()
    local data = os.getenv("XDG_DATA_HOME")
    -- The specification: paths that are not absolute are to be ignored.
    if data and data:sub(1, 1) == "/" then return data .. "/descent" end
    local home = os.getenv("HOME")
    if home and home:sub(1, 1) == "/" then return home .. "/.local/share/descent" end
end

local function host()
    local fine, core = pcall(require, "descent.core")
    return fine and core.host or {}
end

-- The text of a file; nil and the reason, which names it.
function store.read(path)
    local file, reason = io.open(path, "rb")
    if not file then return nil, reason end
    local text, problem = file:read("a")
    file:close()
    if not text then return nil, ("%s: %s"):format(path, problem) end
    return text
end

-- true, or nil and the reason.
local function write_whole(path, text)
    local write = host().write
    if write then
        local fine, problem = pcall(write, path, text)
        return fine or nil, problem
    end
    local temporary = path .. ".new"
    local file, reason = io.open(temporary, "wb")
    if not file then return nil, reason end
    local fine, problem = file:write(text)
    local closed, close_problem = file:close()
    if not fine or not closed then
        os.remove(temporary)
        return nil, problem or close_problem
    end
    return os.rename(temporary, path)
end

-- Writes a file, with the folders above it. true, or nil and the reason.
function store.write(path, text)
    local fine, reason = write_whole(path, text)
    if fine then return true end
    local folder, make_folder = path:match("^(.*)/[^/]*$"), host().make_folder
    if not folder or not make_folder then return nil, reason end
    local made, problem = pcall(make_folder, folder)
    if not made then return nil, problem end
    fine, reason = write_whole(path, text)
    if fine then return true end
    return nil, reason
end

return store
