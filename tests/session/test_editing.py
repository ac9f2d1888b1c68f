# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys inside an entry, as the screen shows them."""

import os
import signal
import time

import pexpect

import session
from session import (ASKING, CTRL, DOWN, GIVEN, LEFT, RIGHT, UP, Home, Session, contains, equal,
                     lacks)

ALT_ENTER = "\x1b\r"


def tail(s, count):
    return s.screen.text()[-count:]


def test_enter_continues_while_the_chunk_is_incomplete():
    with Session() as s:
        s.keys("for i = 1, 2 do\r", "    print(i)\r")
        equal(tail(s, 2), ["> for i = 1, 2 do", "    print(i)"])
        equal(s.enter("end"), "1\n2")
        equal(s.enter("x = [[one\rtwo]]"), "")
        equal(s.enter("x"), '"one\\ntwo"')
        equal(s.enter("1 +\r2"), "3")
        equal(s.enter("f = function(a,\rb)\rreturn a\rend"), "")
        equal(s.enter("f(\r7)"), "7")


def test_the_middle_line_is_edited_in_place():
    with Session() as s:
        s.keys("for i=1,2 do\r", "prin(i)\r", "end", UP, CTRL["E"], LEFT, LEFT, LEFT, "t")
        equal(tail(s, 3), ["> for i=1,2 do", "print(i)", "end"])
        equal(s.enter(""), "1\n2")
        s.keys(UP)
        equal(tail(s, 3), ["> for i=1,2 do", "print(i)", "end"])
        equal(s.enter(""), "1\n2")


def test_keys_work_on_the_line_inside_the_text():
    with Session() as s:
        s.keys("do\r", "  xprint(1)yz\r", "end", UP, CTRL["A"], RIGHT, RIGHT, CTRL["D"],
               CTRL["E"], LEFT, LEFT, CTRL["K"])
        equal(tail(s, 3), ["> do", "  print(1)", "end"])
        equal(s.enter(""), "1")
        s.keys("do\r", "  junk\r", "end", UP, CTRL["E"], CTRL["U"], "print(2)")
        equal(tail(s, 3), ["> do", "print(2)", "end"])
        equal(s.enter(""), "2")


def test_up_and_down_keep_the_column():
    with Session() as s:
        s.keys("do --abc\r", "\r", "end --ab", UP, UP, "X", DOWN, DOWN, "Y")
        # The prompt's two cells count: what stands below stays below.
        equal(tail(s, 3), ["> do --aXbc", "", "end --abY"])


def test_alt_enter_breaks_a_complete_line():
    with Session() as s:
        s.keys("x = 1", ALT_ENTER, "x = x + 1", ALT_ENTER, "x")
        equal(tail(s, 3), ["> x = 1", "x = x + 1", "x"])
        equal(s.enter(""), "2")


def test_paste_waits_for_enter():
    text = "".join("a%d = %d%s\n" % (i, i, "\n" if i % 10 == 0 else "") for i in range(40))
    text += "\tif a39 then\n\t\tprint(a39)\n\tend\n-- the end\n"
    with Session() as s:
        s.paste(text)
        s.settle()
        lacks(s.all.split("-- the end")[-1], GIVEN)
        equal(s.enter(""), "39")
        contains(s.home.history_text(),
                 "a39 = 39\n\tif a39 then\n\t\tprint(a39)\n\tend\n-- the end\n")


def test_pasted_prompts_are_stripped():
    with Session() as s:
        s.paste("> x = 5\n> x\n5\n> for i = 1, 2 do\nprint(i)\nend\n1\n2\n> x * 2\n10\n")
        s.settle()
        equal(tail(s, 6), ["> x = 5", "x", "for i = 1, 2 do", "print(i)", "end", "x * 2"])
        equal(s.enter("").splitlines(), ["5", "1", "2", "10"])


def test_pasted_bytes_that_are_no_text():
    with Session() as s:
        s.enter("kept = 1")
        s.paste("\x01\x02\x03\x1a\x1b[31m\x00\x7f x")
        s.settle()
        s.interrupt()
        s.read_to("^C")
        s.wait()
        os.write(s.child.child_fd, b"\x1b[200~\xff\xfe\x80\x1b[201~")
        s.interrupt()
        s.read_to("^C")
        s.wait()
        equal(s.enter("kept"), "1")


def test_wide_and_combining_characters():
    with Session() as s:
        s.keys('x = "αβγ日本θ̂z"', LEFT, LEFT, LEFT, "A", LEFT, LEFT, "B")
        equal(tail(s, 1), ['> x = "αβγ日B本Aθ̂z"'])
        equal(s.enter(""), "")
        equal(s.enter("x"), '"αβγ日B本Aθ̂z"')
        equal(s.enter("utf8.len(x)"), "10")


def test_resize_while_editing():
    with Session(rows=40, columns=110) as s:
        s.keys('x = [[αβγ\r', 'second line]]')
        for columns in (60, 110):
            s.resize(40, columns)
            s.settle()
        s.keys(LEFT, LEFT, "!")
        equal(s.enter(""), "")
        equal(s.enter("x"), '"αβγ\\nsecond line!"')


def test_long_lines_wrap():
    with Session() as s:
        text = "x = '" + "abcdefghi " * 30 + "'"
        s.keys(text, CTRL["A"], "y, ", CTRL["E"], ", 1")
        lines = s.screen.text()[-4:]
        equal("".join(line.ljust(session.COLUMNS) for line in lines).rstrip(),
              "> y, " + text + ", 1")
        equal(s.enter(""), "")
        equal(s.enter("#y, x").split(), ["300", "1"])


def test_interrupt_at_the_prompt_clears_and_stays():
    with Session() as s:
        s.enter("kept = 1")
        for keys in ("abc", "for i = 1, 2 do\r", "x = [[\rtwo\r", "", "", "", "", ""):
            s.child.send(keys)
            s.interrupt()
            s.read_to("^C")
            s.wait()
        equal(s.enter("kept"), "1")
        s.child.send(CTRL["R"] + "kep")
        s.interrupt()
        s.read_to("^C")
        s.wait()
        equal(s.enter("kept"), "1")
        equal(s.leave(), 0)


def test_cleared_text_is_not_run_nor_kept():
    with Session() as s:
        s.child.send("cleared = 1")
        s.interrupt()
        s.read_to("^C")
        s.wait()
        contains(s.enter("cleared"), "undefined: cleared")
        lacks(s.home.history_text(), "cleared = 1")


def test_quit_signal_does_not_lose_the_session():
    with Session() as s:
        s.enter("kept = 1")
        s.child.send(CTRL["\\"])
        equal(s.enter("kept"), "1")


def test_end_of_input_in_the_middle_deletes():
    with Session() as s:
        s.keys("1x2", LEFT, LEFT, CTRL["D"])
        equal(s.enter(""), "12")


def test_suspend_and_continue():
    with Home() as home:
        child = pexpect.spawn("/bin/sh", ["-i"], env=session.environment(home.path, PS1="shell$ "),
                              encoding="utf-8", timeout=session.PATIENCE, dimensions=(40, 100),
                              cwd=home.path)
        child.expect_exact("shell$ ")
        child.send("'%s'\n" % session.program)
        child.expect_exact(ASKING)
        child.send("kept = 12")
        child.expect_exact("kept = 12")
        child.send(CTRL["Z"])
        child.expect_exact("shell$ ")
        child.send("stty -a | grep -o ' icanon'; fg\n")
        child.expect_exact(" icanon")
        child.expect_exact("kept = 12")
        child.send("3\r")
        child.expect_exact(GIVEN)
        child.expect_exact(ASKING)
        child.send("kept\r")
        child.expect_exact("123")
        child.close(force=True)


def test_ending_signals_restore_the_terminal():
    for number, typed, seen in ((signal.SIGTERM, "half typed", "half typed"),
                                (signal.SIGHUP, "x = [[half\rtyped", "typed"),
                                (signal.SIGTERM, "print('run' .. 'ning') while true do end\r",
                                 "running")):
        with Home() as home:
            script = "stty -a > before; '%s'; echo code $? > code; stty -a > after"
            script = script % session.program
            child = pexpect.spawn("/bin/sh", ["-c", script], env=session.environment(home.path),
                                  encoding="utf-8", timeout=session.PATIENCE, cwd=home.path)
            child.expect_exact(ASKING)
            child.send("os.getenv('HOME')\r")
            child.expect_exact(GIVEN)
            child.expect_exact(ASKING)
            child.send(typed)
            child.expect_exact(seen)
            found = os.popen("pgrep -P %d" % child.pid).read().split()
            equal(len(found), 1)
            os.kill(int(found[0]), number)
            child.expect(pexpect.EOF)
            child.close()
            with open(home.file("before")) as before, open(home.file("after")) as after:
                equal((number, after.read()), (number, before.read()))
            with open(home.file("code")) as code:
                equal(code.read(), "code %d\n" % (128 + number))
            contains(home.history_text(), "os.getenv('HOME')")


def test_a_closed_terminal_ends_the_program():
    with Session() as s:
        s.enter("kept = 1")
        pid = s.child.pid
        s.child.ptyproc.fileobj.close()
        deadline = time.monotonic() + session.PATIENCE
        while time.monotonic() < deadline:
            found, _ = os.waitpid(pid, os.WNOHANG)
            if found:
                break
            time.sleep(0.01)
        else:
            raise AssertionError("it still runs")
        s.child.ptyproc.terminated = True
        s.child.ptyproc.closed = s.child.closed = True


def test_vi_keys():
    with Home() as home:
        home.write("set editing-mode vi\n", ".inputrc")
        with Session(home=home) as s:
            equal(s.enter("x = 12"), "")
            s.send("do\rprin(x)\rend\x1bk0fnat\x1bA;\x1bIy = 1; \r")
            equal(s.answer(), "12")
            contains(s.home.history_text(), "do\ny = 1; print(x);\nend\n")
            s.send("\x1bkkkk")
            equal(s.enter(""), "")
            equal(s.enter("y"), "1")


def test_the_users_own_keys_stay():
    with Home() as home:
        home.write('"\\C-t": "40 + 2"\n$if descent\n"\\C-o": "7 * 7"\n$endif\n'
                   "set enable-bracketed-paste on\n", ".inputrc")
        with Session(home=home) as s:
            equal(s.enter(CTRL["T"]), "42")
            equal(s.enter(CTRL["O"]), "49")


def test_matching_brackets_can_be_shown():
    """Over several lines too; what is typed meanwhile is not lost."""
    with Home() as home:
        home.write("set blink-matching-paren on\n", ".inputrc")
        with Session(home=home) as s:
            contains(s.enter("print((1 + (2)), 4)"), "3")
            s.keys("f = {", "\r", "(1", "\r", ")}")
            equal(tail(s, 3), ["> f = {", "(1", ")}"])
            s.send("\r")
            equal(s.answer(), "")
            equal(s.enter("f"), "{1}")


def test_indent_with_tab_on_a_further_line():
    with Session() as s:
        s.keys("do\r", "\tprint(1)\r", "end")
        equal(tail(s, 3), ["> do", "    print(1)", "end"])
        equal(s.enter(""), "1")


def test_undo():
    with Session() as s:
        s.keys("1 + 1", CTRL["A"], CTRL["K"], "\x1f")
        equal(s.enter(""), "2")


def test_an_interrupt_keeps_its_place_among_the_keys():
    with Session() as s:
        s.send("x = [[not this" + CTRL["C"] + "for" + CTRL["C"] + "x = 5\r")
        s.wait()
        s.wait()
        equal(s.answer(), "")
        equal(s.enter("x"), "5")


def test_typing_ahead():
    with Session() as s:
        s.send("local t = os.clock() while os.clock() - t < 0.3 do end\rx = 5\rx\r")
        s.answer()
        s.answer()
        equal(s.answer(), "5")
