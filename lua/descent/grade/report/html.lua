-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- report/html.lua: a page for each submission, to be given to whoever handed it in, and a page for
-- the class. Each is one file without anything from elsewhere.

local class = require "descent.grade.class"
local json = require "descent.grade.json"
local submission = require "descent.grade.submission"

local report = {}

local STYLE = [[
:root { color-scheme: light dark; --ink: #1c2024; --ground: #fcfcfa; --soft: #f0f0ec;
  --dim: #6a7078; --good: #0f7b3f; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e6e8; --ground: #17191b; --soft: #222528;
  --dim: #9aa0a6; --good: #7fd19b; --bad: #ff8a80; } }
body { color: var(--ink); background: var(--ground); margin: 2rem auto; padding: 0 1rem;
  max-width: 56rem; font: 1rem/1.5 sans-serif; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: 0.3rem 0.6rem; border-bottom: 1px solid var(--soft);
  vertical-align: top; overflow-wrap: anywhere; }
td.number, th.number { text-align: right; white-space: nowrap; }
.pass { color: var(--good); } .wrong { color: var(--bad); } .dim { color: var(--dim); }
pre { background: var(--soft); padding: 0.5rem 0.8rem; border-radius: 4px; overflow-x: auto;
  font: 0.9rem/1.45 monospace; white-space: pre-wrap; }
.bar { background: var(--soft); height: 0.6rem; border-radius: 3px; }
.bar span { display: block; height: 100%; background: var(--bad); border-radius: 3px; }
a { color: inherit; }
]]

local NAMED = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;",
    ["'"] = "&#39;" }

local function escaped(text)
    text = json.utf8(tostring(text)):gsub("[%z\1-\8\11-\31\127]", "\u{fffd}")
    return (text:gsub("[&<>\"']", NAMED))
end

local function number(value) return ("%.4g"):format(value) end

local function page(title, body)
    return ('<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        .. '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        .. "<title>%s</title>\n<style>\n%s</style>\n</head>\n<body>\n%s</body>\n</html>\n")
        :format(escaped(title), STYLE, body)
end

-- File names that every system and every browser takes: a number keeps them apart.
local function file_name(i, row)
    local name = row.submission:gsub("[^%w%-_]+", "-"):gsub("^%-+", ""):sub(1, 40)
    return ("%03d-%s.html"):format(i, name == "" and "submission" or name)
end

local WORDS = { pass = "right", fail = "wrong", error = "error", time = "out of time",
    memory = "out of memory", output = "too much output", forbidden = "not allowed",
    crash = "crash" }

local function check_part(check, said)
    local right = check.verdict == "pass"
    local head = '<h2><span class="%s">%s</span>: %s <span class="dim">(%s of %s)</span></h2>\n'
    local parts = { head
        :format(right and "pass" or "wrong", WORDS[check.verdict] or escaped(check.verdict),
            escaped(check.title), number(check.points), number(check.maximum)) }
    local key = (check.say or "") .. "\0" .. (check.call or "")
    if not right and said[key] then
        return parts[1] .. ("<p>As in: %s.</p>\n"):format(escaped(said[key]))
    end
    said[key] = check.title
    if not right and check.say then parts[2] = ("<p>%s</p>\n"):format(escaped(check.say)) end
    if not right and check.call then
        local lines = { check.call }
        if check.got then lines[#lines + 1] = "gives  " .. tostring(check.got) end
        if check.expected then lines[#lines + 1] = "right  " .. tostring(check.expected) end
        parts[#parts + 1] = ("<pre>%s</pre>\n"):format(escaped(table.concat(lines, "\n")))
    end
    return table.concat(parts)
end

local function submission_page(row, title)
    local parts = { ("<h1>%s: %s of %s</h1>\n<p class=\"dim\">%s</p>\n"):format(
        escaped(submission.shown(row.submission)), number(row.points), number(row.maximum),
        escaped(title)) }
    local said = {}
    for _, check in ipairs(row.checks) do parts[#parts + 1] = check_part(check, said) end
    for _, note in ipairs(row.notes) do
        parts[#parts + 1] = ("<p>Note: %s</p>\n"):format(escaped(note))
    end
    return page(row.submission .. ": " .. title, table.concat(parts))
end

local function class_page(rows, files, title)
    local all = class.of(rows)
    local parts = { ("<h1>%s</h1>\n<p>%d of %d pass; %s of %s points on average.</p>\n"):format(
        escaped(title), all.passed, all.count, number(all.mean), number(all.maximum)) }
    if #all.groups > 0 then
        parts[#parts + 1] = "<h2>What is wrong</h2>\n<table>\n"
        for _, group in ipairs(all.groups) do
            parts[#parts + 1] = ('<tr><td class="number">%d of %d</td><td>%s<div class="bar">'
                .. '<span style="width: %d%%"></span></div></td></tr>\n'):format(#group.names,
                all.count, escaped(group.say), 100 * #group.names // all.count)
        end
        parts[#parts + 1] = "</table>\n"
    end
    parts[#parts + 1] = "<h2>Submissions</h2>\n<table>\n<tr><th>name</th>"
        .. '<th class="number">points</th>'
    for _, check in ipairs(all.checks) do
        parts[#parts + 1] = ("<th>%s</th>"):format(escaped(check.title))
    end
    parts[#parts + 1] = "</tr>\n"
    for i, row in ipairs(rows) do
        parts[#parts + 1] = ('<tr><td><a href="%s">%s</a></td><td class="number">%s</td>'):format(
            files[i], escaped(submission.shown(row.submission)), number(row.points))
        for _, check in ipairs(row.checks) do
            parts[#parts + 1] = ('<td class="%s">%s</td>'):format(
                check.verdict == "pass" and "pass" or "wrong",
                WORDS[check.verdict] or escaped(check.verdict))
        end
        parts[#parts + 1] = "</tr>\n"
    end
    parts[#parts + 1] = "</table>\n"
    return page(title, table.concat(parts))
end

-- {["index.html"] = text, ["001-anna.html"] = text, ...}
function report.pages(rows, title)
    local pages, files = {}, {}
    for i, row in ipairs(rows) do
        files[i] = file_name(i, row)
        pages[files[i]] = submission_page(row, title)
    end
    pages["index.html"] = class_page(rows, files, title)
    return pages
end

return report
