# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries at the prompt: what is printed for what is typed."""

import os
import re
import termios
import time

import pexpect

import session
from session import ASKING, CTRL, Home, Session, contains, equal, lacks, matches, run


def test_greeting_has_at_most_four_lines_and_says_what_to_type():
    with Session() as s:
        lines = s.greeting.splitlines()
        assert 1 <= len(lines) <= 4, lines
        contains(s.greeting, 'lesson "line"')
        contains(s.greeting, "help()")
        equal(s.leave(), 0)


def test_values_print():
    with Session() as s:
        equal(s.enter("x = 2"), "")
        equal(s.enter("x"), "2")
        equal(s.enter("x -- note"), "2")
        equal(s.enter("-- note"), "")
        equal(s.enter("1/3"), "0.33333333333333")
        equal(s.enter("3.0"), "3.0")
        equal(s.enter("2, nil").split(), ["2", "nil"])
        equal(s.enter("nil"), "nil")
        equal(s.enter("x;"), "")
        equal(s.enter("x; -- note"), "")
        equal(s.enter('"a\\n"'), '"a\\n"')
        equal(s.enter("return 5"), "5")
        equal(s.enter("print(1, 2)"), "1\t2")
        equal(s.enter("(function() end)()"), "")
        equal(s.enter(""), "")
        equal(s.enter("   "), "")


def test_the_prompt_begins_a_line():
    with Session() as s:
        equal(s.enter("io.write('no newline')"), "no newline")
        equal(s.screen.text()[-2:], ["no newline", ">"])
        equal(s.enter("io.write('a\\nb')"), "a\nb")
        equal(s.screen.text()[-2:], ["b", ">"])


def test_tables_print_sorted_cut_and_once():
    with Session() as s:
        equal(s.enter('{1, 2, b = "y", a = {true}}'), '{1, 2, a = {true}, b = "y"}')
        equal(s.enter("t = {1}; t.self = t; t.name = 'n'"), "")
        lacks(s.enter("t"), "table: 0x")
        s.enter("big = {} for i = 1, 1e5 do big['k' .. i] = i end")
        text = s.enter("big")
        assert len(text.splitlines()) <= 30 and max(map(len, text.splitlines())) <= 100, text


def test_last_results():
    with Session() as s:
        s.enter("10")
        s.enter("20")
        equal(s.enter("_ + __"), "30")
        equal(s.enter("out[1]"), "10")
        equal(s.enter("out[3]"), "30")
        equal(s.enter("5;"), "")
        equal(s.enter("_"), "5")
        s.enter("print(1)")
        equal(s.enter("_"), "5")


def test_local_persists():
    with Session() as s:
        s.enter("local a = 1")
        equal(s.enter("a"), "1")
        s.enter("local b <const>, c = 2, 3")
        equal(s.enter("b, c").split(), ["2", "3"])
        s.enter("local d")
        equal(s.enter("d"), "nil")
        s.enter("local function f(n) local n = n + 1 return n end")
        equal(s.enter("f(1)"), "2")
        s.enter("do local hidden = 1 end")
        contains(s.enter("hidden"), "undefined: hidden")
        s.enter("for i = 1, 1 do local inner = i end if true then local inner = 2 end")
        contains(s.enter("inner"), "undefined: inner")
        s.enter("repeat local inner = 1 until inner == 1")
        contains(s.enter("inner"), "undefined: inner")
        s.enter('local s = "local x"')
        equal(s.enter("s"), '"local x"')


def test_syntax_errors_have_a_caret_and_no_continuation():
    with Session() as s:
        equal(s.enter("x = = 3").splitlines(),
              ["error: unexpected symbol near '='", "  x = = 3", "      ^"])
        equal(s.enter("1 + * 2").splitlines()[1:], ["  1 + * 2", "      ^"])
        equal(s.enter("x = 1 end").splitlines()[1:], ["  x = 1 end", "        ^"])
        equal(s.enter('y = "αβγ" ]').splitlines()[1:], ['  y = "αβγ" ]', "            ^"])
        contains(s.enter('print("abc'), "unfinished string")
        contains(s.enter("break"), "break")
        contains(s.enter("x != 1"), "~=")
        contains(s.enter("x += 1"), "x = x + ")
        contains(s.enter("θ = 1"), "θ")
        equal(s.enter("1"), "1")


def test_runtime_errors_show_the_users_frames():
    with Session() as s:
        s.enter('function inner()\n    error("deep")\nend')
        s.enter("function outer() inner() return 1 end")
        text = s.enter("outer()")
        contains(text, "error: deep")
        contains(text, 'in inner (entry 1:2):  error("deep")')
        contains(text, "in outer (entry 2:1):  function outer() inner() return 1 end")
        lacks(text, "[C]")
        lacks(text, "prompt.lua")
        lacks(text, "stack traceback")
        equal(s.enter("1"), "1")


def test_errors_of_every_kind_leave_the_session():
    with Session() as s:
        s.enter("kept = 42")
        contains(s.enter("error({code = 3})"), "code = 3")
        contains(s.enter("error()"), "nil")
        contains(s.enter("local function f() return 1 + f() end f()"), "stack overflow")
        contains(s.enter("('x'):rep(1e15)"), "error")
        contains(s.enter("setmetatable({}, {__tostring = function() error('no') end})"), "no")
        contains(s.enter("nothing.field"), "undefined: nothing")
        contains(s.enter("string.rep()"), "bad argument")
        contains(s.enter("goto nowhere"), "nowhere")
        contains(s.enter("coroutine.wrap(function() error('inside') end)()"), "inside")
        equal(s.enter("kept"), "42")


def test_undefined_names_suggest():
    with Session() as s:
        contains(s.enter("pritn(1)"), "undefined: pritn (did you mean print?)")
        contains(s.enter("hint"), "undefined: hint (the command is :hint)")
        s.enter("learning = 1")
        contains(s.enter("laerning"), "did you mean learning?")
        equal(s.enter("rawget(_G, 'nothing')"), "nil")
        s.enter("nothing = nil")
        equal(s.enter("nothing"), "nil")


def test_overwritten_names_come_back():
    with Session() as s:
        contains(s.enter("print = 3"), ":restore print")
        equal(s.enter("print"), "3")
        equal(s.enter("1"), "1")
        equal(s.enter(":restore print"), "")
        equal(s.enter("print(7)"), "7")
        contains(s.enter(":restore nothing"), "nothing is no name of Lua or descent")


def test_time_is_shown_for_what_takes_long():
    with Session() as s:
        lacks(s.enter("x = 1", timed=True), "min")
        matches(s.enter("local t = os.clock() while os.clock() - t < 0.3 do end", timed=True),
                r"\(\d+\.\d\d s\)")
        matches(s.enter(":time 1", timed=True), r"1\n\(\d+\.\d\d s\)")


def test_several_entries_in_one_text():
    with Session() as s:
        s.paste("x = 3\nx\nfor i = 1, 2 do\n    print(i)\nend\nx * 2")
        s.settle()
        equal(s.enter("").splitlines(), ["3", "1", "2", "6"])
        s.paste("y = 1\ny\ny = = 2")
        s.settle()
        text = s.enter("")
        contains(text, "error in line 3: unexpected symbol near '='")
        contains(text, "  y = = 2\n      ^")
        contains(s.enter("y"), "undefined: y")


def test_errors_in_pasted_entries_have_their_line():
    with Session() as s:
        s.paste("x = 3\nx\nerror('third')")
        s.settle()
        text = s.enter("")
        contains(text, "3\n")
        contains(text, "line 3")


def test_commands():
    with Session() as s:
        text = s.enter(":help")
        for name in ("help", "quit", "time", "who", "save", "load", "restore", "sh"):
            contains(text, ":" + name)
        contains(text, "Ctrl-R")
        contains(s.enter(":tiem 3"), "did you mean :time?")
        equal(s.enter(":sh echo from the shell"), "from the shell")
        contains(s.enter(":sh exit 3"), "exit status 3")
        equal(s.enter(":who"), "No names yet; x = 1 makes one.")
        s.enter("a = {1, 2, 3}")
        s.enter("f = function() end")
        text = s.enter(":who")
        contains(text, "a  table, 3 entries")
        contains(text, "f  function")
        lacks(text, "print")
        s.send(":quit\r")
        s.child.expect(pexpect.EOF)
        s.child.close()
        equal(s.child.exitstatus, 0)


def test_exit_words_leave():
    for word in ("exit", "quit", "quit()"):
        with Session() as s:
            s.send(word + "\r")
            s.child.expect(pexpect.EOF)
            s.child.close()
            equal(s.child.exitstatus, 0)


def test_save_and_load():
    with Home() as home:
        with Session(home=home) as s:
            s.enter("local x = 6")
            s.enter("x * 7")
            s.enter("error('not kept')")
            s.enter("function double(n)\n    return 2 * n\nend")
            s.enter("double(x), 'two'")
            s.enter("_ + 1")
            s.enter("{x, x}")
            s.enter("x;")
            contains(s.enter(':save "s.lua"'), "s.lua: ")
            contains(s.enter(":save s.txt"), ".lua or .html")
        result = run("s.lua", home=home)
        equal((result.errors, result.code), ("", 0))
        with open(home.file("s.lua"), encoding="utf-8") as stream:
            text = stream.read()
        expected = [line[4:] for line in text.splitlines() if line.startswith("--> ")]
        equal(result.output.splitlines(), expected)
        equal(expected, ["42", "12\ttwo", "13", "{6, 6}"])
        contains(text, "-- failed: error('not kept')")
        with Session(home=home) as s:
            s.enter(":load s.lua")
            equal(s.enter("x, double(4)").split(), ["6", "8"])
            contains(s.enter(":load missing.lua"), "missing.lua")


def test_startup_file_runs_before_the_first_prompt():
    with Home() as home:
        home.write("local greeting = 'set up'\nstarted = greeting\n",
                   ".config", "descent", "init.lua")
        with Session(home=home) as s:
            equal(s.enter("started"), '"set up"')
        home.write("error('broken')\n", ".config", "descent", "init.lua")
        with Session(home=home) as s:
            contains(s.greeting, "broken")
            equal(s.enter("1"), "1")
        with Session(home=home, arguments=["-E"]) as s:
            lacks(s.greeting, "broken")


def test_interactive_after_a_script():
    with Home() as home:
        home.write("value = arg[1] .. ...\n", "s.lua")
        with Session(home=home, arguments=["-i", "s.lua", "A"]) as s:
            equal(s.greeting, "")
            equal(s.enter("value"), '"AA"')
            equal(s.leave(), 0)


def test_colour_only_where_it_is_wanted():
    with Session() as s:
        s.enter("error('red')")
        assert re.search("\x1b\\[[0-9;]*31m", s.all), "an error is red"
    for changes in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        with Session(plain="TERM" in changes, **changes) as s:
            s.enter("error('plain')")
            s.enter("while true do error('plain') end")
            assert not re.search("\x1b\\[[0-9;]*m", s.all), changes


def test_dumb_terminal_gets_no_escape_codes():
    with Session(plain=True, TERM="dumb") as s:
        equal(s.enter("1 + 1").splitlines()[-1], "2")
        s.send("for i = 1, 2 do\r")
        s.read_to(">> ")
        s.send("print(i)\r")
        s.read_to(">> ")
        equal(s.enter("end").splitlines()[-2:], ["1", "2"])
        lacks(s.all, "\x1b")


def test_output_in_a_pipe_while_keys_come_from_a_terminal():
    with Home() as home:
        path = home.file("output")
        child = pexpect.spawn("/bin/sh", ["-c", "'%s' | cat > '%s'" % (session.program, path)],
                              env=session.environment(home.path), encoding="utf-8",
                              timeout=session.PATIENCE, dimensions=(40, 100))
        for entry in ("1 + 1", "error('x')", "2 + 2"):
            child.expect_exact(ASKING)
            child.send(entry + "\r")
        child.expect_exact(ASKING)
        child.send(CTRL["D"])
        child.expect(pexpect.EOF)
        child.close()
        with open(path, encoding="utf-8") as stream:
            equal(stream.read(), "2\n4\n")


def test_terminal_is_as_before():
    """A shell around it sees the same settings before and after, however the session ends."""
    ways = {"left": CTRL["D"], "quit": ":quit\r", "error": "error('x')\r" + CTRL["D"]}
    for way, keys in ways.items():
        with Home() as home:
            script = "stty -a > before; '%s'; stty -a > after" % session.program
            child = pexpect.spawn("/bin/sh", ["-c", script], env=session.environment(home.path),
                                  encoding="utf-8", timeout=session.PATIENCE, cwd=home.path)
            child.expect_exact(ASKING)
            child.send(keys)
            child.expect(pexpect.EOF)
            child.close()
            with open(home.file("before")) as before, open(home.file("after")) as after:
                equal((way, after.read()), (way, before.read()))


def test_start_is_quick():
    """Not a measurement: only that nothing slow has crept in before the first prompt."""
    best = 9
    for _ in range(5):
        started = time.monotonic()
        with Session():
            best = min(best, time.monotonic() - started)
    assert best < 1, best


def test_time_spent_reading_is_not_that_of_the_entry():
    with Session(rows=12, PAGER="sh -c 'cat; sleep 2'") as s:
        text = s.enter('help("descend")', timed=True)
        contains(text, "A run of the optimizer on the loss")
        times = re.findall(r"\((\d[\d.]*) s\)", text)
        assert all(float(time) < 2 for time in times), times
        matches(s.enter("os.execute('sleep 0.2')", timed=True), r"\(0\.\d+ s\)|\(\d")


def test_a_pasted_block_shows_its_last_value():
    with Session() as s:
        def pasted(text):
            s.paste(text)
            s.send("\r")
            return s.answer()
        equal(pasted("local a = 2\nfunction twice(x) return 2*x end\ntwice(a)"), "4")
        equal(pasted("a = 3\nmath.max(\n  a,\n  twice(a)\n)"), "6")
        equal(pasted("b = a\ntwice(b);"), "")
        equal(pasted("c = twice\n(5)"), "")  # one statement: c = twice(5)
        equal(s.enter("c"), "10")
        equal(s.enter("a, _"), "3\t10")
        matches(pasted("x = 1\ny = nothing_here\ntwice(x)"), r"nothing_here\n  in line 2:")
        equal(s.enter("x"), "1")


def test_narrow_greetings_fold():
    for columns in (40, 60):
        with Session(columns=columns) as s:
            for line in s.greeting.splitlines():
                assert len(line) <= columns, line
            contains(s.greeting.replace("\n", " "), "Ctrl-D leaves; or try")
