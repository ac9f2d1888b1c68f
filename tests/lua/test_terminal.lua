-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- What a terminal shows: widths, wrapping, and no escape codes without a terminal.

local check = require "check"
local terminal = require "descent.terminal"

check.test("the width of a text is counted in cells", function()
    -- East Asian Width of the Unicode tables: W and F are 2, Mn 0, the rest 1.
    check.equal(terminal.width(""), 0)
    check.equal(terminal.width("plain text"), 10)
    check.equal(terminal.width("φ₀ − L[φ]"), 9)
    check.equal(terminal.width("日本語"), 6)
    check.equal(terminal.width("한국"), 4)
    check.equal(terminal.width("Ａ"), 2)
    check.equal(terminal.width("é"), 1)
    check.equal(terminal.width("e\u{301}m\u{302}"), 2)
    check.equal(terminal.width("😀●⣿▀"), 5)
    check.equal(terminal.width("\u{200B}\u{FE0F}"), 0)
    check.equal(terminal.width("a\tb\n"), 2)
end)

check.test("escape sequences take no cell, wrong bytes take one", function()
    check.equal(terminal.width("\27[38;2;1;2;3mred\27[0m"), 3)
    check.equal(terminal.width("\27]0;title\7x\27]8;;http://a\27\\y"), 2)
    check.equal(terminal.width("\xFFa\xC3"), 3)
    check.equal(terminal.width("\xE2\x82"), 2)
    check.equal(terminal.width("\xFF\xE6\x97\xA5"), 3)
end)

check.test("lines are broken at spaces and keep their indentation", function()
    check.equal(terminal.wrap("one two three", 20), { "one two three" })
    check.equal(terminal.wrap("  one two three four", 11), { "  one two", "  three", "  four" })
    check.equal(terminal.wrap("a\n\nb", 5), { "a", "", "b" })
    check.equal(terminal.wrap("abcdefgh ij", 3), { "abc", "def", "gh", "ij" })
    check.equal(terminal.wrap("日本語 日本", 4), { "日本", "語", "日本" })
    for width = 1, 30 do
        for _, line in ipairs(terminal.wrap("the loss L[φ₀, φ₁] over all the data 日本語", width)) do
            check.ok(terminal.width(line) <= math.max(width, 2), line)
        end
    end
end)

check.test("a text is cut to a width with an ellipsis", function()
    check.equal(terminal.clip("short", 5, true), "short")
    check.equal(terminal.clip("a longer one", 6, true), "a lon…")
    check.equal(terminal.clip("a longer one", 6, false), "a l...")
    check.equal(terminal.clip("日本語", 5, true), "日本…")
    check.equal(terminal.clip("abc", 0, true), "")
end)

check.test("without a terminal there are 80 x 24 cells and no colours", function()
    -- The tests run with the output in a pipe.
    check.equal(terminal.is_terminal("output"), false)
    local columns, rows = terminal.size()
    check.equal({ columns, rows }, { 80, 24 })
    check.equal(terminal.colours(), 0)
    for _, role in ipairs { "error", "heading", "dim", "value", "accent", "good", "bad" } do
        check.equal(terminal.paint("text", role), "text")
    end
    check.raises(function() terminal.paint("text", "loud") end, "no such role")
end)
