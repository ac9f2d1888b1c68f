# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions saved as a script that checks itself, and as a page."""

import base64
import html.parser
import os
import re
import xml.dom.minidom

from session import Home, Session, contains, equal, lacks, matches, run

ENTRIES = [
    "L = loss.least_squares(model.line, data.line12)",
    "L",
    "L(0.6, -0.2)",
    "L:gradient{0.6, -0.2}",
    "data.line12",
    "r = descend(L, optim.gd{alpha = 0.01}, {start = {1.6, -0.5}})",
    "r:step(100);",
    "r",
    "r.loss",
    "explain(optim.adam{})",
    "_ * 2, 'two'",
    "io.write('not a line')",
    "'a\\nb'",
    "error('not kept')",
]


def saved(home, columns=100):
    with Session(home=home, columns=columns) as s:
        for entry in ENTRIES:
            s.enter(entry)
        contains(s.enter(':save "s.lua"'), "s.lua: ")
    with open(home.file("s.lua"), encoding="utf-8") as stream:
        return stream.read()


def test_a_saved_session_agrees_with_itself_on_any_terminal():
    for columns in (60, 160):
        with Home() as home:
            saved(home, columns)
            result = run("check", "s.lua", home=home)
            equal((result.errors, result.code), ("", 0))
            matches(result.output, r"^s\.lua: 8 results, all the same as saved\n$")


def test_a_session_saved_without_signs_agrees_where_there_are_some_and_back():
    entry = "fit(loss.least_squares(model.line, data.line12), optim.gd{alpha = 0.01}, {steps = 5})"
    for here, there in (("dumb", "C.UTF-8"), ("xterm", "C")):
        with Home() as home:
            with Session(home=home, plain=here == "dumb", TERM=here) as s:
                s.enter(entry)
                s.enter(':save "s.lua"')
            result = run("check", "s.lua", home=home, LANG=there)
            equal((result.errors, result.code), ("", 0))


def test_what_ends_an_entry_does_not_end_the_script():
    with Home() as home:
        with Session(home=home) as s:
            for entry in ("return 9", "_ + 1", "if _ then return 5 end", "return -- nothing",
                          "f = function() return 7 end", "local a = 3; return a, 4", "loss = 3",
                          ":restore loss", "loss.least_squares ~= nil", "print = 1",
                          ":restore print", "f()"):
                s.enter(entry)
            s.enter(':save "s.lua"')
        result = run("check", "s.lua", home=home)
        equal((result.errors, result.code), ("", 0))
        equal(result.output, "s.lua: 6 results, all the same as saved\n")


def test_all_values_of_an_entry_are_kept_beside_the_last_result():
    with Home() as home:
        with Session(home=home) as s:
            for entry in ("1, 2", "_ + 4", "(nil), 3", "_", "{1}, 5; "):
                s.enter(entry)
            s.enter(':save "s.lua"')
        with open(home.file("s.lua")) as file:
            contains(file.read(), "--> 1\t2\n")
        result = run("check", "s.lua", home=home)
        equal((result.errors, result.code), ("", 0))
        equal(result.output, "s.lua: 4 results, all the same as saved\n")


def test_each_changed_number_is_named_with_its_line():
    """One digit anywhere within the tolerance's reach, in every line of every result."""
    with Home() as home:
        lines = saved(home).splitlines()
        tried = 0
        for i, line in enumerate(lines):
            found = re.match(r"(--> \D*)(\d)(.*)", line)
            if not found:
                continue
            tried += 1
            digit = str((int(found.group(2)) + 1) % 10)
            changed = lines[:i] + [found.group(1) + digit + found.group(3)] + lines[i + 1:]
            home.write("\n".join(changed), "s.lua")
            result = run("check", "s.lua", home=home)
            equal(result.code, 1)
            contains(result.output, "s.lua: 8 results, 1 differs\n")
            first = i
            while lines[first - 1].startswith("-->"):
                first -= 1
            contains(result.output, "s.lua:%d: print(" % (first + 1))
        assert tried >= 10, tried


def test_numbers_within_the_tolerance_agree():
    with Home() as home:
        home.write("print(1/3, 10)\n--> 0.33333333333334\t10\n", "near.lua")
        home.write("print(1/3, 10)\n--> 0.33333\t10\n", "far.lua")
        home.write("print(1/3, 10)\n--> 0.33333333333333\t11\n", "integer.lua")
        home.write("print(1/3, 10)\n--> 0.33333333333333 ten\n", "word.lua")
        home.write("print(-1/3)\n--> 0.33333333333333\n", "sign.lua")
        home.write("print(0/0, 1/0)\n--> nan\tinf\n", "nan.lua")
        codes = {name: run("check", name + ".lua", home=home).code
                 for name in ("near", "far", "integer", "word", "sign")}
        equal(codes, {"near": 0, "far": 1, "integer": 1, "word": 1, "sign": 1})
        equal(run("check", "--tolerance", "1e-4", "far.lua", home=home).code, 0)
        contains(run("check", "nan.lua", home=home).output, "nan.lua: 1 result")


def test_what_stops_is_an_error_with_its_line():
    with Home() as home:
        home.write("x = 1\nprint(x)\n--> 1\nerror('boom')\nprint(2)\n--> 2\n", "stops.lua")
        home.write("print(1\n", "syntax.lua")
        home.write("x = {\n--> 1\n}\n", "inside.lua")
        home.write("modle = modl\n", "undefined.lua")
        result = run("check", "stops.lua", home=home)
        equal(result.code, 1)
        contains(result.errors, "stops.lua:4: boom")
        contains(result.output, "2 results, 1 not reached")
        lacks(result.errors, "check.lua")
        for name, words in (("syntax", "syntax.lua:"), ("inside", "inside a statement"),
                            ("undefined", "undefined.lua:1: undefined: modl")):
            result = run("check", name + ".lua", home=home)
            equal((name, result.code), (name, 1))
            contains(result.errors, words)


def test_comments_in_strings_are_no_results():
    with Home() as home:
        home.write('s = [[\n--> 5\n]]\nprint(#s)\n--> 6\n', "s.lua")
        equal(run("check", "s.lua", home=home).output,
              "s.lua: 1 result, the same as saved\n")


def test_a_wrong_call_is_two():
    with Home() as home:
        for arguments in ([], ["missing.lua"], ["--tolerance", "x"], ["--bogus"]):
            result = run("check", *arguments, home=home)
            equal((arguments, result.output, result.code), (arguments, "", 2))
            matches(result.errors, r"^descent check: [^\n]*\n$")
        equal(run("check", "--help", home=home).code, 0)


class Reader(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.texts, self.images, self.links = [], [], [], []

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag not in ("meta", "img"):
            self.open.append(tag)
        if tag == "img":
            self.images.append(attributes)
        self.links += [value for name, value in attributes.items() if name in ("href", "src")]
        if tag == "pre":
            self.texts.append([attributes.get("class"), ""])

    def handle_endtag(self, tag):
        equal(self.open.pop(), tag)

    def handle_data(self, text):
        if "pre" in self.open:
            self.texts[-1][1] += text


def test_the_page_stands_alone():
    with Home() as home:
        with Session(home=home, DESCENT_PLOT="text") as s:
            for entry in ("x = 1 -- <b>&\"", "x + 1", "print('<i>', 2)", "error('<u>')",
                          "for i = 1, 2 do io.write(i, ';') end", "plot(data.line12)", "x == = 2"):
                s.enter(entry)
            contains(s.enter(":save s.html"), "s.html: 7 entries")
        with open(home.file("s.html"), encoding="utf-8") as stream:
            text = stream.read()
        reader = Reader()
        reader.feed(text)
        equal(reader.open, [])
        texts = [tuple(pair) for pair in reader.texts]
        for pair in (("entry", "x = 1 -- <b>&\""), ("output", "2"), ("output", "<i>\t2"),
                     ("error", "error: <u>"), ("entry failed", "error('<u>')"),
                     ("output", "1;2;")):
            if pair not in texts:
                raise AssertionError("%r is not among %r" % (pair, texts))
        assert all(link.startswith("data:") for link in reader.links), reader.links
        lacks(text, "\x1b")
        lacks(text, "http")
        if os.popen("command -v gnuplot").read():
            image, = reader.images
            contains(image["alt"], "line12, 12 examples")
            source = base64.b64decode(image["src"].split(",", 1)[1])
            equal(xml.dom.minidom.parseString(source).documentElement.tagName, "svg")


def test_the_page_without_gnuplot_has_the_plot_as_text():
    with Home() as home:
        os.mkdir(home.file("empty"))
        with Session(home=home, PATH=home.file("empty")) as s:
            s.enter("plot(data.line12)")
            s.enter(":save s.html")
        with open(home.file("s.html"), encoding="utf-8") as stream:
            text = stream.read()
        contains(text, 'role="img" aria-label="line12, 12 examples')
        lacks(text, "<img")
