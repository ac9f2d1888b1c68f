# SPDX-License-Identifier: GPL-3.0-or-later
"""The sessions and the lesson that the README shows are what the program gives."""

import os
import re

from session import Home, Session, equal, matches, run

README = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "README.md")


def blocks(language=""):
    with open(README, encoding="utf-8") as stream:
        return re.findall(r"^```%s\n(.*?)^```$" % language, stream.read(), re.S | re.M)


def plain(text):
    """Without the blanks that terminals keep their width by, and without times."""
    lines = text.replace("\u2800", " ").splitlines()
    lines = [line for line in lines if not re.fullmatch(r"\(\d.* s\)", line)]
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def entries(block):
    """Pairs of what is typed and what is printed."""
    for part in re.split(r"^> ", block, flags=re.M)[1:]:
        typed, _, printed = part.partition("\n")
        yield typed, plain(printed)


def test_the_sessions_give_what_is_printed():
    # This terminal is not asked about its colours.
    with Session(rows=25, columns=80, NO_COLOR="1", TERM="linux") as s:
        typed = 0
        for block in blocks():
            for text, printed in entries(block):
                found = plain(s.enter(text))
                typed += 1
                if printed:
                    equal(found, printed)
        assert typed > 10, typed


def test_the_lesson_is_sound():
    lessons = blocks("lua")
    assert lessons
    with Home() as home:
        for text in lessons:
            home.write(text, "mine.lua")
            result = run("lesson", "./mine.lua", "--auto", "--lint", home=home)
            equal(result.code, 0)
            matches(result.output, r"\n\d+ passed, 0 failed\n$")
