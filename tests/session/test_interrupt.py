# SPDX-License-Identifier: GPL-3.0-or-later
"""Ctrl-C stops code, never the session."""

import time

import pexpect

import session
from session import CTRL, Session, contains, equal, lacks

LOOPS = [
    "while true do end",
    "while true do pcall(function() while true do end end) end",
    "while true do pcall(error, 'x') end",
    "repeat local f = function() end until false",
    "coroutine.wrap(function() while true do end end)()",
    "while true do pcall(coroutine.wrap(function() while true do end end)) end",
    "co = coroutine.wrap(function() while true do coroutine.yield() end end)"
    " while true do co() end",
    "while true do coroutine.resume(coroutine.create(function() while true do end end)) end",
    "while true do xpcall(function() error('x') end, function(m) return m end) end",
    "while true do ('x'):rep(10):gsub('.', string.upper) end",
    "table.sort((function() local t = {} for i = 1, 1e6 do t[i] = i % 7 end return t end)(),"
    " function(a, b) while true do end end)",
    "setmetatable({}, {__index = function(t, k) return t[k .. 'x'] end}).x",
]


def begin(s, code):
    """Starts code that says when it runs, so that the Ctrl-C meets it and not the prompt."""
    s.send("io.stdout:write('run', 'ning\\n'):flush() " + code + "\r")
    s.read_to("running")


def stop(s):
    started = time.monotonic()
    s.interrupt()
    text = s.wait()
    contains(text, "interrupted")
    return time.monotonic() - started


def test_loops_of_every_kind_stop_again_and_again():
    with Session() as s:
        s.enter("kept = 42")
        for code in LOOPS[:-1]:
            begin(s, code)
            stop(s)
        for _ in range(3):
            begin(s, LOOPS[0])
            stop(s)
        equal(s.enter("kept"), "42")
        equal(s.leave(), 0)


def test_endless_recursion_through_a_metamethod_ends_by_itself():
    with Session() as s:
        contains(s.enter(LOOPS[-1]), "error")
        equal(s.enter("1"), "1")


def test_where_it_was_is_shown():
    with Session() as s:
        s.enter("function spin()\r  while true do end\rend")
        s.send("io.stdout:write('run', 'ning\\n'):flush() spin()\r")
        s.read_to("running")
        s.interrupt()
        contains(s.wait(), "in spin (entry 1:2)")


def test_a_stop_leaves_nothing_behind():
    with Session() as s:
        begin(s, "while true do end")
        stop(s)
        equal(s.enter("n = 0 for i = 1, 1e6 do n = n + 1 end"), "")
        equal(s.enter("n"), "1000000")
        equal(s.enter("coroutine.wrap(function() for i = 1, 1e5 do end coroutine.yield(7) end)()"),
              "7")


def test_while_a_value_is_printed():
    with Session() as s:
        s.send("setmetatable({}, {__tostring = function() io.stdout:write('run', 'ning\\n'):flush()"
               " while true do end end})\r")
        s.read_to("running")
        stop(s)
        equal(s.enter("1"), "1")


def test_inside_a_sleeping_command():
    with Session() as s:
        s.send(":sh echo run''ning; sleep 100\r")
        s.read_to("running")
        for _ in range(60):  # a shell that has just forked may lose the first one
            s.interrupt()
            if s.child.expect_exact([session.ASKING, pexpect.TIMEOUT], timeout=1) == 0:
                break
        s.settle()
        equal(s.enter("1"), "1")


def test_a_long_call_in_c_offers_to_leave():
    slow = "(('a'):rep(32)):find(('a?'):rep(32) .. 'b')"
    with Session() as s:
        s.enter("kept = 42")
        s.send("io.stdout:write('run', 'ning\\n'):flush() return " + slow + "\r")
        s.read_to("running")
        offer = "Ctrl-C again within 5 seconds leaves descent"
        for _ in range(100):  # two signals that come close together may be one
            s.interrupt()
            if s.child.expect_exact([offer, pexpect.TIMEOUT], timeout=0.5) == 0:
                break
        s.interrupt()
        s.child.expect(pexpect.EOF)
        s.child.close()
        equal(s.child.exitstatus, 130)
        contains(s.home.history_text(), "kept = 42")
        contains(s.home.history_text(), slow)


def test_a_call_that_ends_keeps_the_session():
    with Session() as s:
        s.enter("kept = 42")
        s.send("io.stdout:write('run', 'ning\\n'):flush()"
               " print((('a'):rep(22)):find(('a?'):rep(22) .. 'b')) while true do end\r")
        s.read_to("running")
        stop(s)
        equal(s.enter("kept"), "42")


def test_a_handler_that_swallows_everything():
    with Session() as s:
        begin(s, "local function f() pcall(f) while true do local ok = pcall(f) end end f()")
        stop(s)
        equal(s.enter("1"), "1")


def test_in_the_start_up_file():
    with session.Home() as home:
        home.write("io.stdout:write('run', 'ning\\n'):flush() while true do end",
                   ".config", "descent", "init.lua")
        child = pexpect.spawn(session.program, env=session.environment(home.path), encoding="utf-8",
                              timeout=session.PATIENCE, dimensions=(40, 100))
        child.expect_exact("running")
        child.send(CTRL["C"])
        child.expect_exact("interrupted")
        child.expect_exact(session.ASKING)
        child.send("1 + 1\r")
        child.expect_exact(session.GIVEN)
        child.expect_exact("2")
        lacks(child.before, "error")
        child.close(force=True)


LINE = "L = loss.least_squares(model.line, data.line12)"
ENDLESS = "steps = 1e12, gradient = 1e-3"


def test_what_is_finished_of_a_sweep_is_kept():
    with Session() as s:
        s.enter(LINE)
        s.enter("best = L:solve()")
        s.send("s = sweep{L, optim.gd, alpha = 1e-9, start = {best, {1.6, -0.5}, {1, 2}}, "
               + ENDLESS + "}\r")
        time.sleep(1)
        s.interrupt()
        s.wait()
        text = s.enter("s")
        contains(text, "3 runs of gradient descent, interrupted: 1 finished")
        contains(text, "interrupted at update")
        equal(s.enter("s.stopped, s.finished, s.best == s.points[1], s.loss[2] ~= s.loss[2]"),
              "true\t1\ttrue\ttrue")
        equal(s.enter("s.points[2].run.t > 0, #s.ends"), "true\t1")


def test_a_race_that_is_stopped_is_kept():
    with Session() as s:
        s.enter("plot.output('none')")
        s.enter(LINE)
        s.send("c = race{L, optim.newton{}, optim.gd{alpha = 1e-9}, optim.adam{},"
               " start = {1.6, -0.5}, " + ENDLESS + "}\r")
        time.sleep(1)
        s.interrupt()
        s.wait()
        equal(s.enter("#c.rows, c.rows[2].reason, c.rows[3].updates"), '3\t"interrupted"\t0')


def test_the_folds_that_are_finished_are_kept():
    with Session() as s:
        s.enter("count = 0")
        s.enter("kind = function(m, d) count = count + 1"
                " if count == 3 then io.stdout:write('run', 'ning\\n'):flush() end"
                " return loss.mean_squares(m, d) end")
        s.send("v = cross_validate{model = model.line, data = data.line12, k = 4, loss = kind,"
               " optimizer = optim.gd{alpha = function() return count == 3 and 1e-9 or 0.1 end},"
               " start = {0.5, 0.5}, " + ENDLESS + "}\r")
        s.read_to("running")
        time.sleep(0.5)
        s.interrupt()
        s.wait()
        equal(s.enter("#v.folds, v.stopped"), "2\ttrue")
        contains(s.enter("v"), "interrupted")
