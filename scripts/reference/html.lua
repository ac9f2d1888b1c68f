-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- The reference as one page that needs nothing else: contents, search, all records.

local core = require "descent.core"
local records = require "records"

local STYLE = [[
:root { color-scheme: light dark; --ground: #ffffff; --text: #1c2430; --quiet: #5d6878;
  --line: #dfe4ea; --code: #f4f6f9; --accent: #0a5fb4; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #14181e; --text: #dfe5ec; --quiet: #93a0b0; --line: #2b333e; --code: #1d232c;
    --accent: #6db3f2; }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; background: var(--ground); color: var(--text);
  font: 16px/1.55 system-ui, "Segoe UI", "Helvetica Neue", "DejaVu Sans", sans-serif; }
a { color: var(--accent); text-decoration: none; }
a:hover { text-decoration: underline; }
code, pre, .signature, th[scope=row] { font-family: ui-monospace, "SF Mono", Menlo, Consolas,
  "DejaVu Sans Mono", monospace; }
nav { position: fixed; inset: 0 auto 0 0; width: 17rem; overflow-y: auto; padding: 1.2rem 1rem;
  border-right: 1px solid var(--line); font-size: .9rem; }
nav h1 { font-size: 1.15rem; margin: 0 0 .7rem; }
nav input { width: 100%; padding: .4rem .6rem; font: inherit; color: inherit;
  background: var(--code); border: 1px solid var(--line); border-radius: 6px; }
nav details { margin: .5rem 0; }
nav summary { cursor: pointer; font-weight: 600; }
nav ul { list-style: none; margin: .2rem 0 .4rem; padding: 0 0 0 .9rem; }
nav li { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
main { margin-left: 17rem; padding: 1.5rem 2.5rem 4rem; max-width: 62rem; }
h2 { margin: 2.5rem 0 0; padding-bottom: .3rem; border-bottom: 2px solid var(--line); }
article { padding: 1.1rem 0 .6rem; border-bottom: 1px solid var(--line); }
article:target { box-shadow: -10px 0 0 var(--ground), -13px 0 0 var(--accent); }
h3 { margin: 0 0 .3rem; font-size: 1.1rem; }
h3 a { color: inherit; }
p { margin: .5rem 0; max-width: 46rem; }
.signature { display: block; padding: .45rem .7rem; background: var(--code); border-radius: 6px;
  font-size: .88rem; overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere; }
table { border-collapse: collapse; margin: .6rem 0; font-size: .92rem; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .28rem .9rem .28rem 0;
  border-top: 1px solid var(--line); }
thead th { color: var(--quiet); font-weight: 500; border-top: 0; }
th[scope=row] { font-weight: 600; font-size: .86rem; white-space: nowrap; }
td:nth-child(2) { color: var(--quiet); width: 30%; }
dl { display: grid; grid-template-columns: 5.5rem 1fr; gap: .2rem .8rem; margin: .6rem 0;
  max-width: 46rem; }
dt { color: var(--quiet); }
dd { margin: 0; }
pre { margin: .6rem 0; padding: .6rem .8rem; background: var(--code); border-radius: 6px;
  overflow-x: auto; font-size: .86rem; line-height: 1.4; }
pre .result { color: var(--quiet); }
.none { display: none; }
@media (max-width: 55rem) {
  nav { position: static; width: auto; border-right: 0; border-bottom: 1px solid var(--line);
    max-height: 40vh; }
  main { margin-left: 0; padding: 1rem; }
  dl { grid-template-columns: 1fr; }
}
@media print { nav { display: none; } main { margin: 0; } article { break-inside: avoid; } }
]]

-- Narrows the page to the records in which each word stands.
local SCRIPT = [[
const box = document.querySelector('nav input');
const items = [...document.querySelectorAll('article')].map(a => ({
  article: a, entry: document.querySelector('nav a[href="#' + CSS.escape(a.id) + '"]').parentNode,
  text: a.textContent.toLowerCase() }));
function search() {
  const words = box.value.toLowerCase().split(/\s+/).filter(w => w);
  for (const i of items) {
    const hit = words.every(w => i.text.includes(w));
    i.article.classList.toggle('none', !hit);
    i.entry.classList.toggle('none', !hit);
  }
  for (const s of document.querySelectorAll('section'))
    s.classList.toggle('none', !s.querySelector('article:not(.none)'));
  for (const d of document.querySelectorAll('nav details')) {
    d.classList.toggle('none', !d.querySelector('li:not(.none)'));
    d.open = words.length > 0;
  }
}
box.addEventListener('input', search);
document.addEventListener('keydown', e => {
  if (e.key === '/' && document.activeElement !== box) { e.preventDefault(); box.focus(); }
  if (e.key === 'Escape') { box.value = ''; search(); box.blur(); }
});
]]

local entities = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }

local function escape(text) return (text:gsub('[&<>"]', entities)) end

local known = {}
for _, record in ipairs(records.all) do known[record.name] = true end

-- Text in which the names of other records lead to them.
local function linked(text, own)
    local function link(name)
        local plain = name:gsub("[.:]+$", "")
        if plain == own or not known[plain] or not plain:find("[.:]") then return nil end
        return ('<a href="#%s">%s</a>%s'):format(plain, plain, name:sub(#plain + 1))
    end
    return (escape(text):gsub("%f[%w_][%a_][%w_]*[.:][%w_.:]+", link))
end

local function article(record, out)
    local function put(format, ...) out[#out + 1] = format:format(...) end
    local name = escape(record.name)
    put('<article id="%s">', name)
    put('<h3><a href="#%s">%s</a></h3>', name, name)
    put('<code class="signature">%s</code>', escape(record.signature))
    put("<p>%s</p>", linked(record.summary, record.name))
    if #record.arguments > 0 then
        put "<table><thead><tr><th>argument</th><th>what</th><th>meaning</th></tr></thead><tbody>"
        for _, argument in ipairs(record.arguments) do
            put('<tr><th scope="row">%s</th><td>%s</td><td>%s</td></tr>',
                escape(records.argument_name(argument)), escape(records.argument_text(argument)),
                linked(argument.summary or "", record.name))
        end
        put "</tbody></table>"
    end
    local any = false
    for _, field in ipairs(records.fields) do
        if record[field] then
            if not any then put "<dl>" end
            any = true
            put("<dt>%s</dt><dd>%s</dd>", field, linked(record[field], record.name))
        end
    end
    if any then put "</dl>" end
    if record.example then
        local lines = {}
        for line in records.lines_of(record.example) do lines[#lines + 1] = escape(line) end
        if record.result then
            for line in records.lines_of(record.result) do
                lines[#lines + 1] = '<span class="result">--&gt; ' .. escape(line) .. "</span>"
            end
        end
        put("<pre>%s</pre>", table.concat(lines, "\n"))
    end
    put "</article>"
end

return function()
    local out = {}
    local function put(text) out[#out + 1] = text end
    put '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    put '<meta name="viewport" content="width=device-width, initial-scale=1">'
    put("<title>Reference of descent " .. core.version .. "</title>")
    put("<style>\n" .. STYLE .. "</style>\n</head>\n<body>")
    put("<nav>\n<h1>descent " .. core.version .. "</h1>")
    put '<input type="search" placeholder="search ( / )" aria-label="search">'
    for _, group in ipairs(records.groups) do
        if #group.records > 0 then
            put("<details><summary>" .. escape(group.title) .. "</summary>\n<ul>")
            for _, record in ipairs(group.records) do
                local name = escape(record.name)
                put(('<li><a href="#%s">%s</a></li>'):format(name, name))
            end
            put "</ul></details>"
        end
    end
    put "</nav>\n<main>"
    put "<p>Made from the records that <code>help</code> prints and that check every call. Every"
    put "example is run, and its output compared, by the tests.</p>"
    for _, group in ipairs(records.groups) do
        if #group.records > 0 then
            put("<section>\n<h2>" .. escape(group.title) .. "</h2>")
            for _, record in ipairs(group.records) do article(record, out) end
            put "</section>"
        end
    end
    put("</main>\n<script>\n" .. SCRIPT .. "</script>\n</body>\n</html>")
    return out
end
