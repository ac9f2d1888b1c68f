# SPDX-License-Identifier: GPL-3.0-or-later
"""Scripts, pipes, options and exit codes: nothing here is a terminal."""

import os
import subprocess
import time

import session
from session import Home, contains, equal, lacks, matches, run


def test_version_is_one_line_with_all_versions():
    result = run("--version")
    equal(result.code, 0)
    matches(result.output, r"^descent \d+\.\d+\.\d+ \(Lua 5\.4\.\d+, Readline \d+\.\d+, "
                           r"(gnuplot .*|no gnuplot)\)\n$")
    equal(result.errors, "")


def test_version_without_gnuplot():
    contains(run("--version", PATH="/nonexistent").output, "no gnuplot")


def test_help_names_files_variables_and_exit_codes():
    result = run("--help")
    equal(result.code, 0)
    for part in ("usage: descent", "init.lua", "history", "DESCENT_MEMORY", "NO_COLOR",
                 "Exit codes"):
        contains(result.output, part)
    equal(result.errors, "")


def test_help_fits_into_80_columns():
    for command in ((), ("lesson",), ("exercise",), ("check",), ("lint",), ("grade",)):
        result = run(*command, "--help")
        equal((result.code, result.errors), (0, ""))
        matches(result.output, r"^usage: descent")
        equal([line for line in result.output.splitlines() if len(line) > 79], [])


def test_wrong_option_is_two():
    result = run("--bogus")
    equal((result.code, result.output), (2, ""))
    equal(result.errors, "descent: --bogus is no option; descent --help lists the options\n")


def test_option_without_its_value_is_two():
    equal(run("-e").code, 2)
    equal(run("-l").code, 2)


def test_unknown_command_is_two_and_one_sentence():
    result = run("frobnicate")
    equal((result.code, result.output), (2, ""))
    equal(result.errors.count("\n"), 1)
    contains(result.errors, "frobnicate")


def test_missing_script_is_two():
    result = run("missing.lua")
    equal((result.code, result.output), (2, ""))
    contains(result.errors, "missing.lua")


def test_pipe_is_one_script():
    result = run(text='x=2\nprint(x*21)\nerror("boom")\nprint(5)\n')
    equal(result.output, "42\n")
    equal(result.errors, "stdin:3: boom\n")
    equal(result.code, 1)


def test_pipe_without_home_and_gnuplot():
    result = run(text='print(1)\nerror("boom")\n', HOME=None, PATH="/nonexistent", TERM=None)
    equal((result.output, result.errors, result.code), ("1\n", "stdin:2: boom\n", 1))


def test_pipe_has_no_escape_codes():
    result = run(text="print(1)\nerror({})\n", TERM="xterm-256color", COLORTERM="truecolor")
    lacks(result.output + result.errors, "\x1b")


def test_empty_pipe():
    result = run(text="")
    equal((result.output, result.errors, result.code), ("", "", 0))


def test_syntax_error_in_a_pipe():
    result = run(text="x = = 3\n")
    equal((result.output, result.code), ("", 1))
    contains(result.errors, "stdin:1: unexpected symbol near '='")


def test_each_e_runs_in_order():
    equal(run("-e", "print(1)", "-e", "print(2)", "-eprint(3)").output, "1\n2\n3\n")


def test_error_in_e():
    result = run("-e", 'error("b")')
    equal((result.output, result.code), ("", 1))
    contains(result.errors, "b")
    result = run("-e", 'error("b")', "-e", "print(2)")
    equal((result.output, result.code), ("", 1))


def test_script_arguments():
    with Home() as home:
        home.write("print(arg[0], arg[1], arg[2], arg[-1] ~= nil, ...)\n", "s.lua")
        equal(run("s.lua", "A", "B", home=home).output, "s.lua\tA\tB\ttrue\tA\tB\n")


def test_dash_is_standard_input():
    equal(run("-", "A", text="print(...)").output, "A\n")


def test_library_is_global():
    with Home() as home:
        home.write("return {answer = 42}\n", "lesson1.lua")
        equal(run("-l", "lesson1", "-e", "print(lesson1.answer)", home=home).output, "42\n")
        equal(run("-l", "other=lesson1", "-e", "print(other.answer)", home=home).output, "42\n")
        equal(run("-l", "missing_library", home=home).code, 1)


def test_undefined_name_in_the_scripts_own_code():
    with Home() as home:
        home.write("print(1)\nprint(modle)\n", "s.lua")
        result = run("s.lua", home=home)
        equal((result.output, result.code), ("1\n", 1))
        contains(result.errors, "s.lua:2: undefined: modle (did you mean model?)")


def test_undefined_name_in_a_required_library_is_nil():
    with Home() as home:
        home.write("return {has = jit ~= nil}\n", "careful.lua")
        equal(run("-l", "careful", "-e", "print(careful.has)", home=home).output, "false\n")


def test_a_name_that_was_given_nil_is_defined():
    equal(run(text="done = nil\nprint(done)\n").output, "nil\n")


def test_traceback_has_the_users_frames_only():
    with Home() as home:
        home.write('local function inner()\n    error("deep")\nend\n'
                   "local function outer()\n    inner()\n    return 1\nend\n"
                   "pcall(outer)\nouter()\nprint(1)\n", "s.lua")
        result = run("s.lua", home=home)
        equal(result.code, 1)
        equal(result.errors,
              "s.lua:2: deep\n  in inner, s.lua:2\n  in outer, s.lua:5\n  in s.lua:9\n")
        lacks(result.errors, "[C]")


def test_error_objects_that_are_tables_print():
    contains(run("-e", "error({code = 3})").errors, "code = 3")
    speaking = 'setmetatable({}, {__tostring = function() return "words" end})'
    contains(run("-e", "error(" + speaking + ")").errors, "words")
    contains(run("-e", "error()").errors, "nil")


def test_endless_recursion_is_an_error():
    result = run("-e", "local function f() return 1 + f() end f()")
    equal(result.code, 1)
    contains(result.errors, "stack overflow")
    assert result.errors.count("\n") < 20, result.errors


def test_memory_is_capped():
    result = run("-e", 'local t = {} for i = 1, 1e9 do t[i] = ("x"):rep(1000) .. i end',
                 DESCENT_MEMORY="64M")
    equal(result.code, 1)
    contains(result.errors, "Lua's memory is used up: the limit is 64 MB; "
                            "DESCENT_MEMORY=128M allows more")
    contains(run("-e", "print(1)", DESCENT_MEMORY="64M").output, "1")


def test_memory_can_be_survived():
    result = run("-e", 'print(pcall(string.rep, "x", 1e9)) print(#("y"):rep(1000))',
                 DESCENT_MEMORY="64M")
    equal((result.output, result.code), ("false\tnot enough memory\n1000\n", 0))


def test_wrong_memory_is_two():
    result = run("-e", "", DESCENT_MEMORY="lots")
    equal(result.code, 2)
    contains(result.errors, "lots")


def test_interrupt_ends_a_script():
    with Home() as home:
        home.write('io.stdout:setvbuf("no") print("started")\n'
                   "while true do pcall(function() while true do end end) end\n", "s.lua")
        child = subprocess.Popen([session.program, "s.lua"], stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, text=True, cwd=home.path,
                                 env=session.environment(home.path))
        equal(child.stdout.readline(), "started\n")
        started = time.monotonic()
        child.send_signal(2)
        _, errors = child.communicate(timeout=session.PATIENCE)
        equal(child.returncode, 130)
        contains(errors, "interrupted")
        assert time.monotonic() - started < 10


def test_terminated_script_dies_by_the_signal():
    with Home() as home:
        code = 'io.stdout:write("started\\n"):flush() while true do end'
        child = subprocess.Popen([session.program, "-e", code], stdout=subprocess.PIPE, text=True,
                                 cwd=home.path, env=session.environment(home.path))
        equal(child.stdout.readline(), "started\n")
        child.terminate()
        child.communicate(timeout=session.PATIENCE)
        equal(child.returncode, -15)


def test_closed_pipe_is_no_wall_of_text():
    command = "'%s' -e 'for i = 1, 1e6 do print(i) end' | head -n 1" % session.program
    result = subprocess.run(command, shell=True, capture_output=True, text=True, check=False,
                            timeout=session.PATIENCE)
    equal((result.stdout, result.stderr), ("1\n", ""))


def test_nothing_is_written_into_the_home_folder():
    with Home() as home:
        run("-e", "print(1)", home=home)
        run(text="print(1)", home=home)
        equal(os.listdir(home.path), [])


def test_startup_file_is_not_for_scripts():
    with Home() as home:
        home.write("print('started')", ".config", "descent", "init.lua")
        equal(run("-e", "print(1)", home=home).output, "1\n")


def test_exit_code_of_os_exit():
    equal(run("-e", "os.exit(7)").code, 7)


def test_coroutines_are_lua_s_own():
    """The library replaces resume and wrap; this holds them to the manual's words."""
    result = run(text="""
local co = coroutine.create(function(a, b)
    local c = coroutine.yield(a + b)
    local d, e = coroutine.yield(c * 2, "x")
    error({d, e})
end)
print(coroutine.resume(co, 1, 2))
print(coroutine.resume(co, 10))
local fine, object = coroutine.resume(co, "d", "e")
print(fine, object[1], object[2], coroutine.status(co))
print(coroutine.resume(co))
local next = coroutine.wrap(function(...)
    for i = 1, select("#", ...) do coroutine.yield((select(i, ...))) end end)
print(next(4, nil, 6), next(), next(), next())
print(pcall(next))
print(pcall(coroutine.wrap(function() error("oops") end)))
print(select("#", coroutine.resume(coroutine.create(function() return nil, nil, nil end))))
print(pcall(coroutine.resume, 3))
print(coroutine.isyieldable(), coroutine.wrap(function() return coroutine.isyieldable() end)())
local deep = 0
local function nest(n) deep = n if n < 150 then coroutine.wrap(nest)(n + 1) end end
nest(1) print(deep)
local closed
local closing = {__close = function() closed = true end}
local c = coroutine.wrap(function() local x <close> = setmetatable({}, closing) error("e") end)
print(pcall(c)) print(closed)
""")
    equal(result.errors, "")
    equal(result.output.splitlines(), [
        "true\t3", "true\t20\tx", "false\td\te\tdead", "false\tcannot resume dead coroutine",
        "4\tnil\t6", "false\tcannot resume dead coroutine", "false\tstdin:16: oops", "4",
        "false\tbad argument #1 to 'coroutine.resume' (coroutine expected, got number)",
        "false\ttrue", "150", "false\tstdin:25: e", "true"])
