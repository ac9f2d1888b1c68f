# SPDX-License-Identifier: GPL-3.0-or-later
"""Exercises at the prompt and in files, as a student who answers in unforeseen ways."""

import os
import subprocess
import time

import session
from session import UP, Home, Session, contains, equal, lacks, matches, run


def answer(home, exercise, change=None):
    """The starter of an exercise in a file; change: pairs of what is there and what comes."""
    text = run("exercise", exercise, home=home).output
    for before, after in change or []:
        assert before in text, before
        text = text.replace(before, after)
    home.write(text, "answer.lua")
    return "answer.lua"


RIGHT = [("new_m[i] = m[i]", "new_m[i] = beta*m[i] + (1 - beta)*g[i]"),
         ("new_phi[i] = phi[i]", "new_phi[i] = phi[i] - alpha*new_m[i]")]


def test_a_student_gets_stuck_and_comes_through():
    with Home() as home, Session(home) as s:
        text = s.enter('exercise "momentum"')
        contains(text, "Momentum: one update")
        contains(text, "function step(phi, m, g, alpha, beta)")
        contains(s.enter("check()"), "There is no function step.")
        s.enter("function Step() end")
        contains(s.enter("check()"), "is it the one you called Step?")
        s.enter('exercise "momentum"')
        s.send(UP)
        contains(s.enter("") + s.enter("check()"), "m comes back as it went in")
        s.enter("function step(phi, m, g, alpha, beta) while true do end end")
        contains(s.enter("check()"), "does not come to an end")
        contains(s.enter("1 + 1"), "2")
        s.enter("function step(phi, m, g) return phi[0], m end")
        contains(s.enter("check()"), "Lists count from 1.")
        s.enter("function step(phi, m, g) print(phi[1]) end")
        text = s.enter("check()")
        contains(text, "It prints its result")
        s.enter("function step(phi, m, g, a, b) return phi - a*(b*m + g), b*m + g end")
        text = s.enter("check()")
        contains(text, "the new gradient has the weight 1 − β")
        contains(text, "call     step(array{0}, array{0}, array{1}, 0.1, 0.9)")
        contains(s.enter("step(array{0}, array{0}, array{1}, 0.1, 0.9)"), "1")
        contains(s.enter(":hint"), "Hint 1 of 4")
        s.enter("function step(phi, m, g, a, b) n = b*m + (1 - b)*g; return phi - a*n, n end")
        text = s.enter("check()")
        contains(text, "8 of 8 points")
        contains(text, "n is a global variable")
        contains(text, "One way to write it:")
        contains(s.enter(":leave"), "You have left the exercise")
        matches(s.enter("exercise()"), r"momentum +done +Momentum")


def test_an_interrupt_ends_a_check_and_the_session_goes_on():
    with Home() as home, Session(home) as s:
        s.enter('exercise "adam"')
        s.enter("function step() while true do end end")
        s.send("check()\r")
        time.sleep(0.3)
        s.interrupt()
        contains(s.answer(), "interrupted")
        contains(s.enter("7*6"), "42")


def test_a_lesson_and_an_exercise_take_turns():
    with Home() as home, Session(home) as s:
        s.enter('lesson "line"')
        contains(s.enter('exercise "epochs"'), "How many epochs?")
        s.enter("updates, epochs, seen = 5, 5, 200")
        text = s.enter("check()")
        contains(text, "That answer circulates.")
        contains(text, "2 of 4 points")
        s.enter("epochs = 200")
        contains(s.enter("check()"), "4 of 4 points")
        contains(s.enter('lesson "line"'), "steps")
        contains(s.enter("check()"), "check() judges the exercise that is shown")


def test_a_file_is_judged_with_an_exit_code():
    with Home() as home:
        path = answer(home, "momentum")
        result = run("check", path, home=home)
        equal((result.errors, result.code), ("", 1))
        contains(result.output, "call     step({0}, {0}, {1}, 0.1, 0.9)")
        path = answer(home, "momentum", RIGHT)
        result = run("check", path, home=home)
        equal((result.errors, result.code), ("", 0))
        contains(result.output, "8 of 8 points")
        matches(run("exercise", home=home).output, r"momentum +done")
        home.write("-- exercise: momentun\n", "b.lua")
        result = run("check", "b.lua", home=home)
        equal(result.code, 2)
        contains(result.errors, 'did you mean "momentum"?')
        if session.sanitized():
            raise session.Skipped("the sanitizer reads a file at an error, which isolation forbids")
        home.write("-- exercise: momentum\nfunction step(\n", "b.lua")
        result = run("check", "b.lua", home=home)
        equal(result.code, 1)
        contains(result.output, "ERROR")
        contains(result.output, "line")


def test_a_solution_is_printed_and_passes():
    with Home() as home:
        names = [line.split()[0] for line in run("exercise", home=home).output.splitlines()[:-2]]
        assert len(names) >= 18, names
        for name in names[:4]:
            solution = run("exercise", name, "--solution", home=home).output
            home.write("-- exercise: %s\n%s" % (name, solution), "answer.lua")
            equal(run("check", "answer.lua", home=home).code, 0)


def test_hints_come_one_after_the_other():
    with Home() as home:
        contains(run("exercise", "adam", "--hint", home=home).output, "Hint 1 of 4")
        contains(run("exercise", "adam", "--hint", home=home).output, "Hint 2 of 4")
        contains(run("exercise", "adam", "--hint", "1", home=home).output, "Hint 1 of 4")


def test_a_file_is_watched():
    with Home() as home:
        path = home.file(answer(home, "momentum"))
        process = subprocess.Popen(
            [session.program, "check", "--watch", path], stdout=subprocess.PIPE, text=True,
            encoding="utf-8", env=session.environment(home.path))
        try:
            def read_until(words):
                lines = []
                while True:
                    line = process.stdout.readline()
                    assert line, "ended after\n" + "".join(lines)
                    lines.append(line)
                    if words in line:
                        return "".join(lines)
            contains(read_until("(watching"), "0 of 8 points")
            text = open(path, encoding="utf-8").read()
            for before, after in RIGHT:
                text = text.replace(before, after)
            other = path + ".new"
            with open(other, "w", encoding="utf-8") as stream:
                stream.write(text)
            os.replace(other, path)
            contains(read_until("(watching"), "8 of 8 points")
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


def test_an_exercise_of_one_s_own_with_its_key():
    with Home() as home:
        home.write('return exercise { format = 1, id = "twice", title = "Twice", '
                   'task = "Write twice(x).",\nstarter = "function twice(x) return 0 end",\n'
                   'calls { id = "twice", title = "twice", points = 1, fn = "twice",\n'
                   '  given = function(r) return r:num() end },\nhints = { "2*x" } }\n', "twice.lua")
        home.write("-- exercise: ./twice.lua\nfunction twice(x) return x end\n", "answer.lua")
        result = run("check", "answer.lua", home=home)
        equal(result.code, 2)
        contains(result.output, "the key of this exercise is not here")
        home.write('return key { solution = "function twice(x) return 2*x end",\n'
                   '  mistakes = { { id = "once", title = "once", swap = { "2*x", "x" }, '
                   'say = "That is x itself." } } }\n', "twice.key.lua")
        contains(run("check", "answer.lua", home=home).output, "That is x itself.")
        result = run("lint", "twice.lua", home=home)
        equal((result.output, result.code),
              ("twice.lua: 0 problems, 4 of 4 changed solutions noticed\n", 0))
        lacks(run("exercise", "./twice.lua", home=home).output, "2*x")
