-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- A session as one page of HTML that needs nothing beside it: entries, what they showed, plots.

local core = require "descent.core"
local tokens = require "descent.prompt.tokens"

local web = {}

local style = [[
:root { color-scheme: light dark; --ink: #1c2024; --ground: #fcfcfa; --soft: #f0f0ec;
  --dim: #6a7078; --keyword: #8a3ffc; --string: #0f7b3f; --number: #0b5cad; --error: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e6e8; --ground: #17191b; --soft: #222528;
  --dim: #9aa0a6; --keyword: #c4a0ff; --string: #7fd19b; --number: #86b8f0; --error: #ff8a80; } }
body { color: var(--ink); background: var(--ground); margin: 2rem auto; padding: 0 1rem;
  max-width: 60rem; font: 1rem/1.5 sans-serif; }
h1 { font-size: 1.3rem; }
pre { font: 0.9rem/1.45 monospace; margin: 0.3rem 0; padding: 0 0.8rem; overflow-x: auto; }
pre.entry { background: var(--soft); padding: 0.5rem 0.8rem; margin-top: 1.2rem;
  border-radius: 4px; }
pre.error, pre.entry.failed { border-left: 3px solid var(--error); }
pre.error { color: var(--error); }
.k { color: var(--keyword); } .s { color: var(--string); } .n { color: var(--number); }
.c, footer { color: var(--dim); }
img { display: block; max-width: 100%; height: auto; margin: 0.5rem 0; }
]]

local named = {["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;"}

-- As it may stand in a page: no escape sequences, no control characters, valid UTF-8.
local function escaped(text)
    text = text:gsub("\27%[[0-?]*[ -/]*[@-~]", ""):gsub("\r", "")
    text = text:gsub("[\0-\8\11-\31\127]", "\u{FFFD}")
    if not utf8.len(text) then text = text:gsub("[\128-\255]", "?") end
    return (text:gsub('[&<>"]', named))
end

local classes = {keyword = "k", string = "s", number = "n", comment = "c"}

local function code(text)
    local parts, at = {}, 1
    for _, token in ipairs(tokens.scan(text, true)) do
        parts[#parts + 1] = escaped(text:sub(at, token.first - 1))
        local class, inner = classes[token.kind], escaped(token.text)
        parts[#parts + 1] = class and ('<span class="%s">%s</span>'):format(class, inner) or inner
        at = token.last + 1
    end
    parts[#parts + 1] = escaped(text:sub(at))
    return table.concat(parts)
end

-- As a picture through gnuplot; without it as text.
local function picture(plot)
    local fine, bytes = pcall(function()
        return (require("descent.plot.gnuplot").picture(plot, "svg",
            {palette = "udl", theme = "light"}))
    end)
    local words = table.concat(require("descent.plot.description").words(plot), " ")
    if fine and bytes then
        return ('<img alt="%s" src="data:image/svg+xml;base64,%s">'):format(escaped(words),
            core.host.base64(bytes))
    end
    local lines = require("descent.plot.text").draw(plot, {
        columns = 90, rows = 26, colours = 0, unicode = true,
    })
    return ('<pre role="img" aria-label="%s">%s</pre>'):format(escaped(words),
        escaped(table.concat(lines, "\n")))
end

-- The page, and the number of entries in it.
function web.page(entries, title)
    local parts, count = {}, 0
    local function add(format, ...) parts[#parts + 1] = format:format(...) end
    add('<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        .. '<meta name="viewport" content="width=device-width">\n<title>%s</title>\n'
        .. "<style>\n%s</style>\n</head>\n<body>\n<h1>%s</h1>", escaped(title), style,
        escaped(title))
    for _, entry in ipairs(entries) do
        count = count + 1
        add('<pre class="entry%s"><code>%s</code></pre>', entry.ok and "" or " failed",
            code((entry.text:gsub("%s+$", ""))))
        for _, piece in ipairs(entry.shown or {}) do
            local text = piece.text:gsub("%s+$", "")
            if text ~= "" then add('<pre class="%s">%s</pre>', piece.kind, escaped(text)) end
        end
        if entry.plot then parts[#parts + 1] = picture(entry.plot) end
    end
    add("<footer>descent %s</footer>\n</body>\n</html>\n", escaped(core.version))
    return table.concat(parts, "\n"), count
end

return web
