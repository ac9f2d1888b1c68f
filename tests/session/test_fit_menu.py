# SPDX-License-Identifier: GPL-3.0-or-later
"""Ctrl-C during a fit at the prompt: the menu."""

import re

from session import CTRL, Home, Session, clean, contains, equal, lacks, run

MENU = "[q]uit "
GD = "optim.gd{alpha = 1e-6}"
ADAM = "optim.adam{alpha = 1e-5}"


def prepare(s):
    s.enter("L = loss.least_squares(model.line, data.line12)")


def begin(s, optimizer=GD, goals="steps = 1e9", name="r"):
    """Starts a fit, interrupts it, and returns the update of the menu."""
    s.send("%s = fit(L, %s, {start = {1, 1}, %s})\r" % (name, optimizer, goals))
    s.read_to("update ")
    s.interrupt()
    return update(s)


def update(s):
    """The update that the menu now tells."""
    text = clean(s.read_to(MENU))
    return int(re.findall(r"update (\d+)(?:, loss \S+)?: \[c\]", text)[-1])


def choose(s, text):
    s.send(text + "\r")
    return update(s)


def test_steps_and_back_and_quit():
    with Session() as s:
        prepare(s)
        t = begin(s)
        assert t > 0
        equal(choose(s, "s"), t + 1)
        equal(choose(s, "s 10"), t + 11)
        equal(choose(s, "b"), t + 10)
        equal(choose(s, "back 10"), t)
        s.send("q\r")
        contains(s.wait(), "the run stands at update %d" % t)
        equal(s.enter("r.t, r.reason").split()[0], str(t))
        equal(s.enter("#r.trace.batch_loss == r.t + 1"), "true")  # that of no update is nan


def test_what_was_interrupted_equals_what_was_not_to_the_last_bit():
    for optimizer in (GD, ADAM, "optim.momentum{alpha = 1e-6}"):
        with Session() as s:
            prepare(s)
            t = begin(s, optimizer, "steps = 1e9, batch = 5, seed = 3")
            choose(s, "s 7")
            choose(s, "b 12")
            s.send("q\r")
            s.wait()
            s.enter("n = r.t + 1000")
            s.enter("r:step(1000);")
            s.enter("q = descend(L, %s, {start = {1, 1}, batch = 5, seed = 3}):step(n);"
                    % optimizer)
            equal(s.enter("r.t == n and n == %d and q.phi == r.phi" % (t + 995)), "true")
            if optimizer != GD:
                equal(s.enter("q:record(n).terms.m == r:record(n).terms.m"), "true")


def test_continue_goes_on_to_the_goal():
    with Session() as s:
        prepare(s)
        s.send("r = fit(L, %s, {start = {1, 1}, seconds = 1})\r" % GD)
        s.read_to("update ")
        s.interrupt()
        t = update(s)
        s.send("c\r")
        lacks(s.wait(), "error")
        equal(s.enter("r.t > %d" % t), "true")
        lacks(s.enter("r.reason"), "interrupt")


def test_again_and_again():
    with Session() as s:
        prepare(s)
        t = begin(s)
        for _ in range(3):
            s.send("c\r")
            s.read_to("update ")
            s.interrupt()
            after = update(s)
            assert after > t, (after, t)
            t = after
        s.interrupt()  # at the menu it is q
        contains(s.wait(), "the run stands at update %d" % t)
        equal(s.enter("r.t"), str(t))


def test_another_alpha_goes_on_from_here():
    with Session() as s:
        prepare(s)
        t = begin(s, goals="steps = 1e9, gradient = 1e-3")
        for wrong in ("a", "a -1", "a x", "nonsense", "b x", "s 1.5 2"):
            equal(choose(s, wrong), t)
        equal(choose(s, "a 0.01"), t)
        s.send("c\r")
        lacks(s.wait(), "error")
        equal(s.enter("r.t > %d, r.trace.alpha[%d], r.trace.alpha[%d]" % (t, t + 1, t + 2)).split(),
              ["true", "1e-06", "0.01"])
        contains(s.enter("r.reason"), "gradient")


def test_the_goal_stays_where_it_was_after_another_alpha():
    with Session() as s:
        prepare(s)
        t = begin(s, goals="steps = 3e6")
        choose(s, "a 1e-7")
        s.send("c\r")
        s.wait()
        equal(s.enter("r.t, r.trace.alpha[%d]" % (t + 2)).split(), ["3000000", "1e-07"])


def test_the_plot_and_the_end_of_input():
    with Session() as s:
        prepare(s)
        s.enter("plot.output('none')")
        t = begin(s)
        equal(choose(s, "p"), t)
        s.send(CTRL["D"])
        contains(s.wait(), "the run stands at update %d" % t)
        contains(s.enter("plot.describe()"), "gradient descent, t = ")
        equal(s.leave(), 0)


def test_in_a_rule_written_in_lua():
    with Session() as s:
        prepare(s)
        s.enter("slow = optim{name = 'slow', alpha = 1e-6, update = function(phi, g, s, h)"
                " for i = 1, 1e3 do local x = i end return phi - h.alpha*g end}")
        for _ in range(3):
            t = begin(s, "slow", "steps = 1e7")
            s.send("q\r")
            s.wait()
            equal(s.enter("r.t"), str(t))
            equal(s.enter("#r.trace.batch_loss == r.t + 1"), "true")
        s.enter("q = descend(L, slow, {start = {1, 1}}):step(r.t);")
        equal(s.enter("q.phi == r.phi"), "true")


def test_a_script_is_not_asked():
    import os
    import pexpect
    import session
    with session.Home() as home:
        home.write("L = loss.least_squares(model.line, data.line12)\n"
                   "r = fit(L, %s, {start = {1, 1}, steps = 1e9})\nprint(r.reason)\n" % GD, "s.lua")
        child = pexpect.spawn(session.program, ["s.lua"], env=session.environment(home.path),
                              encoding="utf-8", timeout=session.PATIENCE, cwd=home.path,
                              dimensions=(40, 100))
        child.expect_exact("update ")
        child.send(CTRL["C"])
        child.expect(pexpect.EOF)
        lacks(child.before, "[c]ontinue")
        child.close()
        assert child.exitstatus in (0, 1, 130), child.exitstatus
        assert os.path.exists(home.file("s.lua"))


def saved_and_run(s, home):
    s.enter("r")
    s.enter("r.t, r.phi[1], r.phi[2]")
    s.enter('"two lines\\n"')
    s.enter(':save "s.lua"')
    result = run("check", "s.lua", home=home)
    with open(home.file("s.lua")) as file:
        equal((result.errors, result.code), ("", 0)), file.read()


def test_a_saved_session_stops_where_it_was_stopped():
    with Home() as home:
        with Session(home) as s:
            prepare(s)
            s.enter("r = descend(L, %s, {start = {1, 1}}):step(3)" % ADAM)
            for call in ("r:converge{steps = 1e12, gradient = 0, ", "r:resume{"):
                s.send(call + "progress = function(r) if r.t > 9 then"
                       " io.stdout:write('go', 'ing\\n'):flush() end end}\r")
                s.read_to("going")
                s.interrupt()
                s.wait()
            assert int(s.enter("r.t")) > 9
            saved_and_run(s, home)


def test_a_saved_session_takes_the_way_through_the_menu():
    for choices in (("s 7", "b 12"), ("s 3", "a 1e-7", "s 20", "b 2", "a 1e-5", "s 4"),
                    ("b 5", "a 2e-6", "c"), ("c",)):
        with Home() as home:
            with Session(home) as s:
                prepare(s)
                begin(s, goals="steps = 1e12")
                for text in choices:
                    if text == "c":
                        s.send("c\r")
                        s.read_to("update ")
                        s.interrupt()
                        update(s)
                    else:
                        choose(s, text)
                s.send("q\r")
                s.wait()
                saved_and_run(s, home)
