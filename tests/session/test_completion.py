# SPDX-License-Identifier: GPL-3.0-or-later
"""Tab: what it offers, and that it runs nothing of the user's."""

from session import CTRL, LEFT, Home, Session, contains, equal, lacks

TAB = "\t"


def completed(s, typed):
    """The screen's last line after Tab; the entry is taken back."""
    s.keys(typed + TAB)
    line = s.screen.text()[-1]
    s.interrupt()
    s.read_to("^C")
    s.wait()
    return line


def offered(s, typed):
    """What is listed after Tab, as a set."""
    before = len(s.screen.text())
    s.keys(typed + TAB)
    lines = s.screen.text()
    s.interrupt()
    s.read_to("^C")
    s.wait()
    return set(" ".join(lines[before - 1:]).split())


def test_names():
    with Session() as s:
        equal(completed(s, "whi"), "> while")
        equal(completed(s, "setm"), "> setmetatable")
        s.enter("my_long_name = 1")
        equal(completed(s, "x = my_l"), "> x = my_long_name")
        equal(completed(s, "function f(param) return par"), "> function f(param) return param")


def test_fields_and_methods():
    with Session() as s:
        equal(completed(s, "string.rev"), "> string.reverse")
        equal(completed(s, "x = math.sqr"), "> x = math.sqrt")
        s.enter("box = {inner = {deepest = 1}}")
        equal(completed(s, "box.inn"), "> box.inner")
        equal(completed(s, "box.inner.dee"), "> box.inner.deepest")
        equal(completed(s, "box.inner.dee" + "z"), "> box.inner.deez")
        s.enter("object = setmetatable({}, {__index = {greet = print}})")
        equal(completed(s, "object:gre"), "> object:greet")
        s.enter("text = 'abc'")
        equal(completed(s, "text:rev"), "> text:reverse")
        equal(completed(s, "('x'):rev"), "> ('x'):rev")
        contains(" ".join(offered(s, "math.a")), "atan")


def test_nothing_of_the_users_runs():
    with Session() as s:
        s.enter("calls = 0 trap = setmetatable({}, {__index = function() calls = calls + 1 end,"
                " __pairs = function() calls = calls + 1 end,"
                " __len = function() calls = calls + 1 end})")
        for typed in ("trap.", "trap.x.", "trap:", "trap[", "trap.x(", "x = trap."):
            completed(s, typed)
        equal(s.enter("calls"), "0")


def test_files_in_strings():
    with Home() as home:
        home.write("x,y\n1,2\n", "data-of-mine.csv")
        home.write("", "folder", "inner.txt")
        with Session(home=home) as s:
            equal(completed(s, 'io.open("data-of'), '> io.open("data-of-mine.csv"')
            equal(completed(s, "f'fold"), "> f'folder/")
            equal(completed(s, 'f("folder/in'), '> f("folder/inner.txt"')


def test_commands():
    with Session() as s:
        equal(completed(s, ":qu"), "> :quit")
        contains(" ".join(offered(s, ":")), "quit")
        equal(completed(s, ":restore prin"), "> :restore print")


def test_no_harm():
    with Session() as s:
        s.enter("kept = 1")
        cycle = "cycle = setmetatable({}, {}) getmetatable(cycle).__index = cycle"
        s.enter(cycle)
        for typed in ("cycle.", "cycle.x", "1.", "1..", "...", "nil.", "x = 'abc", "-- comment ",
                      "[[long ", "--[[ long ", "((((", "}}}}", "a.b.c.d.e.f.", ":::", "?", "??",
                      '?"', "f{g{h{", "f(1, {2, ", "\\", "θ.", "'\\", "goto ", "::", "{[", "a:b:c",
                      "0x", "~="):
            completed(s, typed)
        s.keys("kep = 5", LEFT, LEFT, LEFT, LEFT, TAB)
        s.interrupt()
        s.read_to("^C")
        s.wait()
        equal(s.enter("kept"), "1")
        s.enter("_G.long = ('x'):rep(1e6)")
        completed(s, "long.")
        equal(s.enter("kept"), "1")


def test_a_table_with_very_many_keys():
    with Session() as s:
        s.enter("many = {} for i = 1, 1e5 do many['key' .. i] = i end")
        equal(completed(s, "many.key9999"), "> many.key9999")
        equal(completed(s, "many."), "> many.key")
        s.keys("many.key" + TAB)
        contains("\n".join(s.screen.text()), "… 99850 more")
        s.interrupt()
        s.read_to("^C")
        s.wait()
        equal(s.enter("1"), "1")


def test_tab_at_the_beginning_lists_without_asking():
    with Session() as s:
        s.keys(TAB)
        text = "\n".join(s.screen.text())
        contains(text, "optim")
        contains(text, "while")
        lacks(text, "y or n")
        equal(s.enter("7"), "7")


def test_replaced_names_are_followed():
    with Session() as s:
        s.enter("string = {mine = 1}")
        equal(completed(s, "string.mi"), "> string.mine")
        lacks(completed(s, "string.rev"), "reverse")
