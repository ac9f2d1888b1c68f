# SPDX-License-Identifier: GPL-3.0-or-later
"""The session that a newcomer is promised, typed line by line, with its numbers."""

import os
import time

from session import CTRL, UP, Home, Session, contains, equal, lacks, matches, run

TAB = "\t"

GABOR = ("w = model(function(x, phi0, phi1) local u = phi0 + 0.06*phi1*x; "
         "return sin(u)*exp(-u^2/32) end)")


def test_the_first_session():
    with Home() as home, Session(home=home) as s:
        equal(s.enter("d = data.line12"), "")
        contains(s.enter("d"), "12 examples")
        equal(s.enter("L = loss.least_squares(model.line, d)"), "")
        equal(s.enter("L(0.6, -0.2)"), "12.366904")
        equal(s.enter("L:gradient{0.6, -0.2}"), "-21.904  -26.84044")
        text = s.enter("L:check{0.6, -0.2}")
        contains(text, "phi1")
        contains(text, "-26.84044")
        assert float(text.splitlines()[-1]) < 1e-6, text
        contains(s.enter("L:derivative()"), "∂L/∂φ₁ = 2·Σᵢ xᵢ·(φ₀ + φ₁·xᵢ − yᵢ)")
        equal([line.split() for line in s.enter("L:hessian{0.6, -0.2}").splitlines()],
              [["24", "22.82"], ["22.82", "30.0242"]])
        equal(s.enter("r = descend(L, optim.gd{alpha = 0.01}, {start = {1.6, -0.5}})"), "")
        contains(s.enter("r:step()"), "t = 1")
        text = s.enter("explain(r)")
        contains(text, "φ ← φ − α·g")
        contains(text, "1.6 − 0.01·")
        contains(s.enter("r:step(99)"), "t = 100")
        contains(s.enter("r"), "0.2007738")
        contains(s.enter("r:back(50)"), "t = 50")
        text = s.enter("plot(r)")
        contains(text, "data and model")
        contains(text, "●")
        equal(s.enter('plot.save("fit.txt")').count("error"), 0)
        assert os.path.getsize(home.file("fit.txt")) > 500
        equal(s.enter(GABOR), "")
        equal(s.enter("G = loss.least_squares(w, data.gabor30)"), "")
        s.enter("a = fit(G, optim.adam{alpha = 0.2}, "
                "{start = {-1.5, 6.5}, batch = 5, seed = 1, steps = 200})")
        equal(s.enter("a.t"), "200")
        lacks(s.enter("plot.surface{G, a, phi0 = {-10, 10}, phi1 = {2.5, 22.5}}"), "error")
        contains(s.enter("loss(function(phi0, phi1)"
                         " return (1 - phi0)^2 + 100*(phi1 - phi0^2)^2 end)"),
                 "L[φ] = (1 − φ₀)² + 100·(φ₁ − φ₀²)²")
        text = s.enter(":who")
        for part in ("G  loss", "d  data set, 12 examples", "r  run"):
            contains(text, part)
        equal(s.leave(), 0)


def test_the_same_as_a_saved_script():
    with Home() as home:
        with Session(home=home) as s:
            s.enter("L = loss.least_squares(model.line, data.line12)")
            s.enter("L(0.6, -0.2)")
            s.enter("L:gradient{0.6, -0.2}")
            s.enter("r = descend(L, optim.gd{alpha = 0.01}, {start = {1.6, -0.5}})")
            s.enter("r:step(100);")
            s.enter("r.loss")
            s.enter(":save s")
        result = run("s.lua", home=home)
        equal((result.errors, result.code), ("", 0))
        equal(result.output.splitlines()[:2], ["12.366904", "-21.904  -26.84044"])
        matches(result.output.splitlines()[2], r"^0\.20077384")


def test_the_same_through_a_pipe_and_by_e():
    code = "print(loss.least_squares(model.line, data.line12)(0.6, -0.2))"
    equal(run(text=code).output, "12.366904\n")
    equal(run("-e", code).output, "12.366904\n")


def test_mistakes_get_one_sentence_and_change_nothing():
    with Home() as home, Session(home=home) as s:
        home.write("x,y\n1,2\n3\n", "ragged.csv")
        s.enter("L = loss.least_squares(model.line, data.line12)")
        s.enter("r = descend(L, optim.gd{alpha = 0.01}, {start = {1.6, -0.5}})")
        s.enter("r:step(3);")
        before = s.enter("r.phi")
        for code, words in (
                ("optim.adam{learningrate = 1}", "learningrate"),
                ("optim.adam{lr = 1}", "did you mean alpha?"),
                ("optim.gd{alpha = -1}", "alpha"),
                ("modle.line", "did you mean model?"),
                ("model.lin", "line"),
                ("r:stpe()", "did you mean step?"),
                ("L(1)", "2"),
                ("L:gradient{1, 2, 3}", "2"),
                ('data.read("missing.csv", {x = "x", y = "y"})', "missing.csv"),
                ('data.read("ragged.csv", {x = "x", y = "y"})', "ragged.csv:3"),
                ("descend(L, optim.gd{alpha = 0.1}, {batch = 13})", "batch"),
                ("loss.least_squares(model(function(x, a) if x > 0 then return a end return -a"
                 " end), data.line12)", "where")):
            text = s.enter(code)
            contains(text, "error: ")
            contains(text.lower(), words.lower())
            lacks(text, "[C]")
            lacks(text, "descent/")
        equal(s.enter("r.phi"), before)
        equal(s.enter("r.t"), "3")


def test_interrupted_steps_stand_at_a_whole_update():
    with Session() as s:
        s.enter("L = loss.least_squares(model.line, data.line12)")
        s.enter("r = descend(L, optim.gd{alpha = 1e-6}, {start = {1.6, -0.5}})")
        for _ in range(3):
            s.send("io.stdout:write('run', 'ning\\n'):flush() r:step(1e9)\r")
            s.read_to("running")
            started = time.monotonic()
            s.interrupt()
            s.wait()
            assert time.monotonic() - started < 10
        s.enter("n = r.t")
        equal(s.enter("n > 0"), "true")
        s.enter("q = descend(L, optim.gd{alpha = 1e-6}, {start = {1.6, -0.5}}):step(n)")
        equal(s.enter("q.phi == r.phi"), "true")


def test_interrupt_in_a_loss_written_in_lua():
    with Session() as s:
        s.enter("f = loss{parameters = {p = 2},"
                " value = function(q) return q.p[1]^2 + q.p[2]^2 end}")
        s.enter("r = descend(f, optim.gd{alpha = 1e-9}, {start = {1, 1}})")
        s.send("while true do io.stdout:write('run', 'ning\\n'):flush() r:step(1000) end\r")
        s.read_to("running")
        s.interrupt()
        contains(s.wait(), "interrupted")
        equal(s.enter("r.t > 0"), "true")


def test_interrupted_fit_keeps_its_run():
    with Session() as s:
        s.enter("L = loss.least_squares(model.line, data.line12)")
        s.send("r = fit(L, optim.gd{alpha = 1e-9}, {start = {1, 1}, steps = 1e9})\r")
        s.read_to("of 1000000000")
        s.interrupt()
        s.read_to("[q]uit ")
        s.send("q\r")
        contains(s.wait(), "r:resume() goes on")
        equal(s.enter("r.t > 0"), "true")


def test_completion_of_our_own_names():
    with Session() as s:
        s.enter("L = loss.least_squares(model.line, data.line12)")
        s.enter("r = descend(L, optim.gd{alpha = 0.01}, {start = {1.6, -0.5}})")
        for typed, expected in (
                ("mode", "model"), ("model.gab", "model.gabor"),
                ("optim.mome", "optim.momentum"), ("r:epo", "r:epoch"), ("r.trac", "r.trace"),
                ("L:grad", "L:gradient"), ("optim.adam{alp", "optim.adam{alpha ="),
                ("optim.adam{alpha = 0.1, bet", "optim.adam{alpha = 0.1, beta ="),
                ("descend(L, optim.gd{alpha = 1}, {star",
                 "descend(L, optim.gd{alpha = 1}, {start ="),
                ('optim.momentum{form = "aver', 'optim.momentum{form = "average'),
                ("data.line", "data.line"), ('help "optim.mome', 'help "optim.momentum')):
            s.keys(typed + TAB)
            line = s.screen.text()[-1]
            assert line.startswith("> " + expected), (typed, line)
            s.interrupt()
            s.read_to("^C")
            s.wait()
        s.keys("optim." + TAB)
        text = "\n".join(s.screen.text())
        for name in ("adam", "gd", "momentum", "nesterov"):
            contains(text, name)


def test_help_at_the_prompt():
    with Session() as s:
        text = s.enter("?adam")
        contains(text, "optim.adam{alpha")
        contains(text, "0.001")
        contains(s.enter('?"bias"'), "optim.adam")
        contains(s.enter("??fit"), "local function fit")
        contains(s.enter("help(optim.gd)"), "optim.gd")
        lacks(s.enter("?"), "error")
        contains(s.enter("?nothing_like_this"), "nothing_like_this")


def test_the_call_s_arguments_while_typing():
    with Session() as s:
        s.keys("optim.adam{alpha = ", "\x1bOP")
        text = "\n".join(s.screen.text())
        contains(text, "optim.adam{alpha, beta, gamma, epsilon")
        contains(text, "gamma = 0.999")
        s.keys("0.5}")
        lacks(s.enter(""), "error")
        contains(s.enter("_.name"), "adam")


def test_a_lesson_begins_and_goes_on_with_the_empty_line():
    with Session() as s:
        contains(s.enter('lesson "line"'), "straight line")
        contains(s.enter(""), "[2/")
        contains(s.enter(":back"), "[1/")
        lacks(s.enter(":leave"), "error")
        equal(s.enter(""), "")


def test_a_lesson_from_the_command_line():
    with Session(arguments=["lesson", "line"]) as s:
        contains(s.greeting, "straight line")
        lacks(s.greeting, "Ctrl-D leaves")
        contains(s.enter(""), "[2/")
        equal(s.leave(), 0)


def test_the_prompt_s_own_pictures_leave_no_process():
    with Session() as s:
        s.enter("plot(data.line12)")
        s.enter('plot.save("p.png")')
        pid = s.child.pid
        equal(s.leave(), 0)
        equal(os.popen("pgrep -P %d" % pid).read(), "")


def test_a_run_s_history_can_be_searched():
    with Session() as s:
        s.enter("L = loss.least_squares(model.line, data.line12)")
        s.enter("x = 1")
        s.keys("L", UP, CTRL["E"])
        equal(s.screen.text()[-1], "> L = loss.least_squares(model.line, data.line12)")
