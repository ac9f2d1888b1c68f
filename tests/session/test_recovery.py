# SPDX-License-Identifier: GPL-3.0-or-later
"""SIGTERM and SIGHUP end a session in order, and the next one takes it up."""

import contextlib
import os
import shutil
import signal
import subprocess
import time

import session
from session import Home, Session, contains, equal, lacks

RUN = ("r = descend(loss.least_squares(model.line, data.line12), optim.gd{alpha = 0.01},"
       " {start = {1.6, -0.5}})")
FIT = ("f = fit(loss.least_squares(model.line, data.line12), optim.gd{alpha = 1e-9},"
       " {start = {1.6, -0.5}, steps = 1e12})")


def end(s, number):
    s.child.kill(number)
    s.child.expect(session.pexpect.EOF)
    s.child.close()
    equal(s.child.signalstatus or s.child.exitstatus - 128, number)


def goes_on(home, check):
    with Session(home) as s:
        contains(s.greeting, ":recover takes it up")
        contains(s.enter(":recover"), "goes on")
        check(s)
        contains(s.enter(":recover"), "there is no session that was cut off")
        equal(s.leave(), 0)
    with Session(home) as s:
        lacks(s.greeting, ":recover")


def test_ended_at_the_prompt():
    with Home() as home:
        with Session(home) as s:
            s.enter("local kept = 41")
            s.enter("kept + 1")
            s.enter(RUN)
            s.enter("r:step(5)")
            s.keys("half typed")
            end(s, signal.SIGTERM)

        def check(s):
            equal(s.enter("kept, r.t"), "41\t5")
            contains(s.enter(":save again.lua"), "again.lua")
            contains(session.run("again.lua", home=home).output, "42\n")

        goes_on(home, check)


def test_ended_in_a_fit_whose_result_has_no_name_yet():
    for number in (signal.SIGTERM, signal.SIGHUP):
        with Home() as home:
            with Session(home) as s:
                s.enter("kept = 41")
                s.send(FIT + "\r")
                s.read_to("update ")
                end(s, number)

            def check(s):
                equal(s.enter("kept, f.t > 0"), "41\ttrue")
                equal(s.enter("f.trace.alpha[2]"), "1e-09")

            goes_on(home, check)


def test_ended_while_a_run_goes_on():
    with Home() as home:
        with Session(home) as s:
            s.enter(RUN)
            s.send("r:converge{steps = 1e12, gradient = 0, progress = function(r) if r.t > 9 then"
                   " io.stdout:write('go', 'ing\\n'):flush() end end}\r")
            s.read_to("going")
            end(s, signal.SIGHUP)
        goes_on(home, lambda s: equal(s.enter("r.t > 9, r:step().t > 10"), "true\ttrue"))


def test_ended_while_the_menu_asks():
    with Home() as home:
        with Session(home) as s:
            s.send(FIT + "\r")
            s.read_to("update ")
            s.interrupt()
            s.read_to("[q]uit")
            end(s, signal.SIGTERM)
        goes_on(home, lambda s: equal(s.enter("f.t > 0"), "true"))


def test_a_session_without_an_entry_is_not_kept():
    with Home() as home:
        with Session(home) as s:
            end(s, signal.SIGHUP)
        with Session(home) as s:
            lacks(s.greeting, ":recover")


def test_sessions_that_end_one_after_the_other_are_all_kept():
    with Home() as home:
        for value in (1, 2):
            with Session(home) as s:
                s.enter("v%d = %d" % (value, value))
                end(s, signal.SIGHUP)
        with Session(home) as s:
            s.enter(":recover")
            s.enter(":recover")
            equal(s.enter("v1 + v2"), "3")


def test_sessions_that_end_at_the_same_moment_are_all_kept():
    """As those in the windows of a terminal that closes."""
    count = 6
    with Home() as home, contextlib.ExitStack() as stack:
        sessions = [stack.enter_context(Session(home)) for _ in range(count)]
        for value, s in enumerate(sessions):
            s.enter("v%d = 10^%d" % (value, value))
        for s in sessions:
            s.child.kill(signal.SIGHUP)
        for s in sessions:
            s.child.expect(session.pexpect.EOF)
            s.child.close()
        with Session(home) as s:
            for _ in range(count):
                contains(s.enter(":recover"), "goes on")
            equal(s.enter("v0 + v1 + v2 + v3 + v4 + v5"), "111111.0")


def test_a_session_that_cannot_be_kept_says_so():
    with Home() as home:
        state = home.file(".local", "state", "descent")
        with Session(home) as s:
            s.enter("x = 1")
            shutil.rmtree(state, ignore_errors=True)
            with open(state, "w"):  # a file where the folder should be
                pass
            s.child.kill(signal.SIGTERM)
            s.child.expect("the session could not be kept: [^\n]*descent")
            s.child.expect(session.pexpect.EOF)


def test_a_script_that_is_ended_leaves_nothing_behind():
    script = """
        r = descend(loss.least_squares(model.line, data.line12), optim.gd{alpha = 0.01},
            {start = {1.6, -0.5}}):step(3)
        plot.output("none")
        while true do plot(r) plot.save("f.svg") print("go") io.stdout:flush() end"""
    for number in (signal.SIGTERM, signal.SIGHUP):
        with Home() as home:
            os.mkdir(home.file("temporary"))
            child = subprocess.Popen(
                [session.program, home.write(script, "s.lua")], cwd=home.path,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                env=session.environment(home.path, TMPDIR=home.file("temporary")))
            child.stdout.readline()
            plotters = os.popen("pgrep -P %d" % child.pid).read().split()
            equal(len(plotters), 1)
            child.send_signal(number)
            _, errors = child.communicate(timeout=session.PATIENCE)
            equal((child.returncode, errors), (-number, b""))
            equal(os.listdir(home.file("temporary")), [])
            equal([name for name in os.listdir(home.path) if name.startswith(".descent")], [])
            equal(os.path.exists("/proc/" + plotters[0]), False)


def test_what_does_not_stop_is_ended_all_the_same():
    code = "print('go') io.stdout:flush() return (('a'):rep(40)):find(('a?'):rep(40) .. 'b')"
    child = subprocess.Popen([session.program, "-e", code], stdout=subprocess.PIPE)
    child.stdout.readline()
    child.send_signal(signal.SIGTERM)
    started = time.monotonic()
    time.sleep(0.2)
    child.send_signal(signal.SIGTERM)  # a second one waits for nothing
    equal(child.wait(timeout=session.PATIENCE), -signal.SIGTERM)
    child.stdout.close()
    assert time.monotonic() - started < 30


def test_a_saved_script_carries_the_runs_that_were_taken_up():
    """Another session is ended and taken up between, which reuses the place of the first."""
    with Home() as home:
        os.mkdir(home.file("saved"))
        for name, steps in (("r", 5), ("q", 7)):
            with Session(home) as s:
                if name == "q":
                    s.enter(":recover")
                s.enter(RUN.replace("r =", name + " =", 1))
                s.send(name + ":converge{steps = 1e12, gradient = 0, progress = function(r)"
                       " if r.t > 9 then io.stdout:write('go', 'ing\\n'):flush() end end}\r")
                s.read_to("going")
                end(s, signal.SIGTERM)
        with Session(home) as s:
            s.enter(":recover")
            s.enter("r.t > 9, q.t > 9, r.t, q.t")
            contains(s.enter(':save "saved/both.lua"'), "both.lua")
            left = os.listdir(home.file(".local", "state", "descent"))
            equal([name for name in left if name.startswith("session-")], [])
        for file in ("saved/both.lua", home.file("saved", "both.lua")):
            result = session.run("check", file, home=home)
            equal((result.errors, result.code), ("", 0))
