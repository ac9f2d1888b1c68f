# SPDX-License-Identifier: GPL-3.0-or-later
"""Faulty entries from a seeded generator: whatever is typed, the session goes on as it was.

DESCENT_FAULTS says how many (100; 5000 for a long run), DESCENT_SEED which.
"""

import os
import random

import pexpect

from session import CTRL, Session, equal

WORDS = [
    "x", "=", "==", "1", "0x", "1e", "'a", '"', "[[", "]]", "--", "--[[", "(", ")", "{", "}", "[",
    "]", ";", ":", "::", "?", "??", "!", "\\", "local", "function", "end", "if", "then", "for",
    "do", "while", "return", "goto", "break", "nil", "and", "..", "...", "#", "~", "//", "<<", "θ",
    "日本", "\t", "loss", "optim.adam{", "alpha", "model(", "data.line12", "L", "r:step", "_", "out[",
    "error", "<const>", "@"]
BROKEN = [
    "error()", "error(nil)", "error({})", "error(setmetatable({}, {__tostring = error}))",
    "nil + 1", "({}).x.y", "setmetatable({}, {__index = error}).x", "('x'):bad()", "string.rep()",
    "#5", "{} < {}", "local function f() return f() + 1 end f()", "coroutine.wrap(error)()",
    "tostring()", "setmetatable({}, {__tostring = function() return 5 end})",
    "setmetatable({}, {__name = 5})", "assert(false)", "assert(nil, {})", "select('x')",
    "table.concat({{}})", "next({}, 1)", "load('x = =')()", "require 'missing.module'",
    "io.open('/nowhere'):read()", "math.tointeger({})", "string.format('%d', 1.5)", "('x'):rep(-1)",
    "utf8.char(-1)", "table.unpack({}, 1, 1e8)", "optim.adam{learning = 1}", "optim.gd{}",
    "optim.gd{alpha = -1}", "model.line(1, 2, 3, 4)", "loss.least_squares()",
    "loss.least_squares(1, 2)", "descend()", "fit(1)", "data.read('/nowhere')",
    "array{{1}, {1, 2}}", "array{1}[5]", "data.nothing", "matmul(array{1, 2}, array{1, 2, 3})",
    "model(function(x, a) return x > 0 and a or -a end)(1, {1})", "explain(5)", "plot(5)",
    "help(5)", "data.new{x = {1}, y = {1, 2}}", "random.integer(5, 1)", "lesson 'nothing'",
    "loss(function() end)"]
HUGE = [
    "('x'):rep(1e12)", "('x'):rep(1e18)", "zeros(1e9, 1e9)", "table.pack(table.unpack({}, 1, 1e7))",
    "string.rep('abc', 1e10, 'x')", "eye(1e8)", "linspace(0, 1, 1e17)"]
ENDLESS = [
    "while true do end", "while true do pcall(error) end", "repeat until false",
    "for i = 1, math.huge do end", "coroutine.wrap(function() while true do end end)()",
    "local t = {} while true do t[1] = {} end",
    "while true do pcall(function() while true do end end) end", "::a:: goto a"]
COMMANDS = [
    ":", ":nothing", ":help nothing", ":time", ":time error()", ":load", ":load /nowhere", ":save",
    ":save /nowhere/x.lua", ":restore", ":restore nothing", ":sh exit 3", ":lessons nothing",
    ":next", ":back 99", ":hint", ":skip", ":play", ":who x", ":9", ": help", "?", "? nothing",
    "?? nothing", '?"', '?"nothing', "?5", "??print"]


def entry(generator):
    kind = generator.randrange(7)
    if kind == 0:
        return "words", " ".join(generator.choice(WORDS) for _ in range(generator.randrange(1, 12)))
    if kind == 1:
        return "broken", generator.choice(BROKEN)
    if kind == 2:
        return "huge", generator.choice(HUGE)
    if kind == 3:
        return "endless", generator.choice(ENDLESS)
    if kind == 4:
        return "command", generator.choice(COMMANDS)
    if kind == 5:
        return "bytes", "".join(chr(generator.randrange(1, 256))
                                for _ in range(generator.randrange(1, 80)))
    return "cut", generator.choice(BROKEN + HUGE)[:generator.randrange(1, 20)]


def give_up(s):
    """Comes to an empty prompt from wherever the keys have led: ^L clears the screen, as nothing
    else does, when all before it has been worked on."""
    s.send(CTRL["L"])
    s.read_to("\x1b[2J")
    s.interrupt()
    s.read_to("^C")
    s.wait()


def give(s, kind, text):
    if kind == "endless":
        s.send("io.stdout:write('run', 'ning\\n'):flush() " + text + "\r")
        s.read_to("running")
        s.interrupt()
        s.wait()
        return
    if kind == "bytes":
        s.paste(text.replace("\x1b[201~", ""))
    else:
        s.send(text)
    s.send("\r")
    give_up(s)


def test_nothing_typed_loses_the_session():
    seed = int(os.environ.get("DESCENT_SEED", "1"))
    generator = random.Random(seed)
    with Session(DESCENT_MEMORY="512M", PAGER="cat") as s:
        s.enter("kept = {1, 2, three = 3}")
        s.enter("run = descend(loss.least_squares(model.line, data.line12), optim.gd{alpha = 0.01},"
                " {start = {1.6, -0.5}}):step(5)")
        phi = s.enter("run.phi")
        for number in range(int(os.environ.get("DESCENT_FAULTS", "100"))):
            kind, text = entry(generator)
            try:
                give(s, kind, text)
                if number % 10 == 9:
                    equal(s.enter("kept"), "{1, 2, three = 3}")
                    equal(s.enter("run.phi"), phi)
            except (AssertionError, pexpect.TIMEOUT, pexpect.EOF) as problem:
                words = "seed %d, entry %d, %s: %r\n    %s" % (seed, number, kind, text, problem)
                raise AssertionError(words) from problem
        equal(s.leave(), 0)
