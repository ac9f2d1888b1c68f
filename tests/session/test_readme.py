# SPDX-License-Identifier: GPL-3.0-or-later
"""The sessions, the lesson and the exercise that the README shows are what the program gives.

test_readme.py PROGRAM writes into the README what is printed now."""

import os
import re
import sys

import session
from session import Home, Session, contains, equal, matches, run

README = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "README.md")
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.S | re.M)


def read():
    with open(README, encoding="utf-8") as stream:
        return stream.read()


def blocks(language=""):
    return [text for kind, text in BLOCK.findall(read()) if kind == language]


def plain(text):
    """Without the blanks that terminals keep their width by, and without times."""
    lines = text.replace("\u2800", " ").splitlines()
    lines = [line for line in lines if not re.fullmatch(r"\(\d.* s\)", line)]
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def entries(block):
    """Pairs of what is typed and what is printed; nothing where the output is left out."""
    for part in re.split(r"^> ", block, flags=re.M)[1:]:
        typed, _, printed = part.partition("\n")
        yield typed, plain(printed)


def narrow_session():
    # This terminal is not asked about its colours.
    return Session(rows=24, columns=80, NO_COLOR="1", TERM="linux")


def test_the_sessions_give_what_is_printed():
    with narrow_session() as s:
        typed = 0
        for block in blocks():
            for text, printed in entries(block):
                found = plain(s.enter(text))
                typed += 1
                if printed:
                    equal(found, printed)
        assert typed > 10, typed


def test_the_lesson_is_sound():
    lessons = [text for text in blocks("lua") if text.startswith("return lesson")]
    assert lessons
    with Home() as home:
        for text in lessons:
            home.write(text, "mine.lua")
            result = run("lesson", "./mine.lua", "--auto", "--lint", home=home)
            equal(result.code, 0)
            matches(result.output, r"\n\d+ passed, 0 failed\n$")


def test_the_exercise_is_sound():
    exercises = [text for text in blocks("lua") if text.startswith("return exercise")]
    assert exercises
    with Home() as home:
        for text in exercises:
            home.write(text, "slope.lua")
            result = run("lint", "slope.lua", home=home)
            equal(result.code, 0)
            matches(result.output, r"^slope.lua: 0 problems, (\d+) of \1 changed solutions noticed\n$")
            result = run("check", "slope.lua", home=home)
            equal((result.output, result.code), ("", 2))
            contains(result.errors, "slope.lua is an exercise, not an answer to it")
            starter = run("exercise", "./slope.lua", home=home).output
            contains(starter, "descent check my-slope.lua")
            home.write(starter.replace("return 0", "return 2*q - 4"), "my-slope.lua")
            result = run("check", "my-slope.lua", home=home)
            equal(result.code, 0)
            contains(result.output, "descent exercise ./slope.lua --solution")


def renew():
    with narrow_session() as s:
        def renewed(match):
            if match.group(1) or not match.group(2).startswith("> "):
                return match.group(0)
            parts = []
            for text, printed in entries(match.group(2)):
                found = plain(s.enter(text))
                parts.append("> " + text + "\n" + (found + "\n" if printed else ""))
            return "```\n" + "".join(parts) + "```"
        text = BLOCK.sub(renewed, read())
    with open(README, "w", encoding="utf-8") as stream:
        stream.write(text)


if __name__ == "__main__":
    session.program = os.path.abspath(sys.argv[1])
    renew()
