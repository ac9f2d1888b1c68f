# SPDX-License-Identifier: GPL-3.0-or-later
"""What was typed comes back: within a session, after a crash, from two sessions at once."""

import os
import signal
import stat

import pexpect

from session import CTRL, DOWN, UP, Home, Session, contains, equal, lacks

FUNCTION = "function three(n)\n    return n + 3\nend"


def tail(s, count):
    return s.screen.text()[-count:]


def test_after_a_kill_everything_is_there():
    with Home() as home:
        with Session(home=home) as s:
            s.enter(FUNCTION.replace("\n", "\r"))
            s.enter("y=1")
            os.kill(s.child.pid, signal.SIGKILL)
            s.child.expect(pexpect.EOF)
        with Session(home=home) as s:
            s.keys(UP)
            equal(tail(s, 1), ["> y=1"])
            s.keys(UP)
            equal(tail(s, 3), ["> function three(n)", "    return n + 3", "end"])
            equal(s.enter(""), "")
            equal(s.enter("three(4)"), "7")


def test_an_entry_that_crashes_the_program_is_kept():
    with Home() as home:
        with Session(home=home) as s:
            s.send("os.exit(3)\r")
            s.child.expect(pexpect.EOF)
            s.child.close()
            equal(s.child.exitstatus, 3)
        contains(home.history_text(), "os.exit(3)\n")


def test_the_file_is_private():
    with Home() as home:
        with Session(home=home) as s:
            s.enter("1")
        equal(stat.S_IMODE(os.stat(home.history()).st_mode), 0o600)


def test_state_folder_of_the_desktop():
    with Home() as home:
        with Session(home=home, XDG_STATE_HOME=home.file("state")) as s:
            s.enter("1 + 1")
        with open(home.file("state", "descent", "history"), encoding="utf-8") as stream:
            contains(stream.read(), "1 + 1\n")
        assert not os.path.exists(home.history())


def test_no_home_is_no_matter():
    with Session(HOME=None) as s:
        equal(s.enter("1 + 1"), "2")
        s.keys(UP)
        equal(s.enter(""), "2")


def test_a_folder_that_cannot_be_written_is_no_matter():
    with Session(XDG_STATE_HOME="/proc/nowhere") as s:
        equal(s.enter("1 + 1"), "2")


def test_two_sessions_at_once_lose_nothing():
    with Home() as home:
        with Session(home=home) as first, Session(home=home) as second:
            for i in range(10):
                first.enter("first = %d" % i)
                second.enter("second = %d" % i)
        text = home.history_text()
        for i in range(10):
            contains(text, "first = %d\n" % i)
            contains(text, "second = %d\n" % i)


def test_up_searches_what_begins_alike():
    with Session() as s:
        for entry in ("alpha = 1", "beta = 2", "alpha = 3", "gamma = 4"):
            s.enter(entry)
        s.keys("al", UP)
        equal(tail(s, 1), ["> alpha = 3"])
        s.keys(UP)
        equal(tail(s, 1), ["> alpha = 1"])
        s.keys(DOWN)
        equal(tail(s, 1), ["> alpha = 3"])
        s.keys(DOWN)
        equal(tail(s, 1), ["> al"])
        s.keys(CTRL["U"], UP)
        equal(tail(s, 1), ["> gamma = 4"])
        s.keys(UP, UP, UP, DOWN)
        equal(tail(s, 1), ["> beta = 2"])


def test_a_draft_survives_a_look_back():
    with Session() as s:
        s.enter("x = 1")
        s.keys("x", UP, DOWN, " = 5")
        equal(s.enter(""), "")
        equal(s.enter("x"), "5")


def test_up_moves_inside_a_recalled_entry_first():
    with Session() as s:
        s.enter("before = 1")
        s.enter("do\r  print(1)\rend")
        s.keys(UP, UP, CTRL["E"], " print(2)")
        equal(s.enter(""), "1\n2")
        s.keys(UP, UP, UP)
        s.keys(UP)
        contains("\n".join(tail(s, 3)), "do")


def test_reverse_search_finds_whole_entries():
    with Home() as home:
        with Session(home=home) as s:
            s.enter(FUNCTION.replace("\n", "\r"))
            s.enter("y=1")
        with Session(home=home) as s:
            s.send(CTRL["R"] + "fun")
            s.send(CTRL["E"])
            equal(s.enter(""), "")
            equal(s.enter("three(1)"), "4")


def test_blank_and_repeated_entries_are_not_kept():
    with Session() as s:
        for entry in ("7", "7", "", "   ", "8"):
            s.enter(entry)
        entries = [line for line in s.home.history_text().splitlines() if line[:1] != "#"]
        equal(entries, ["7", "8"])


def test_a_history_of_another_form_is_read():
    with Home() as home:
        home.write("one\ntwo\n#1700000000\nthree\nlines\n", ".local", "state", "descent", "history")
        with Session(home=home) as s:
            s.keys(UP)
            equal(tail(s, 2), ["> three", "lines"])
            s.keys(UP, UP)
            equal(tail(s, 1), ["> two"])


def test_a_damaged_history_is_no_matter():
    with Home() as home:
        path = home.write("", ".local", "state", "descent", "history")
        with open(path, "wb") as stream:
            stream.write(b"#1700000000\n\xff\xfe\x00\x01\n#17\n#" + b"9" * 300 + b"\n")
            stream.write(b"x" * 100000)
        with Session(home=home) as s:
            s.keys(UP, UP, UP)
            s.interrupt()
            s.read_to("^C")
            s.wait()
            equal(s.enter("1"), "1")


def test_a_large_history_is_cut():
    with Home() as home:
        path = home.write("", ".local", "state", "descent", "history")
        with open(path, "w", encoding="utf-8") as stream:
            for i in range(12000):
                stream.write("#1700000000\nx%d = '%s'\n" % (i, "y" * 700))
        with Session(home=home) as s:
            s.enter("z = 1")
        text = home.history_text()
        lacks(text, "\nx1999 = ")
        contains(text, "\nx2000 = ")
        contains(text, "\nx11999 = ")
        contains(text, "\nz = 1\n")
        equal(stat.S_IMODE(os.stat(path).st_mode), 0o600)
