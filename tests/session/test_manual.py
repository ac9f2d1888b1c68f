# SPDX-License-Identifier: GPL-3.0-or-later
"""The manual page, --help and :help against what the program does."""

import glob
import os
import re

from session import Session, contains, run

top = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")

# What the terminal and the system say about themselves, and no user sets for us.
AMBIENT = {"COLORFGBG", "COLORTERM", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "PATH", "SSH_CONNECTION",
           "TMPDIR"}


def read(*names):
    with open(os.path.join(top, *names), encoding="utf-8") as stream:
        return stream.read()


def manual():
    """The page's text without its markup."""
    text = read("man", "descent.1")
    text = re.sub(r'\\(f.|&)', "", text).replace("\\-", "-").replace("\\(dq", '"')
    text = re.sub(r"^\.(B|I|BI|BR|RB|RI|IR)\b ?", "", text, flags=re.M)
    return text.replace(' ", " ', ", ")


def sources():
    for pattern in ("src/**/*.c", "src/*.c", "lua/**/*.lua"):
        for path in glob.glob(os.path.join(top, pattern), recursive=True):
            with open(path, encoding="utf-8") as stream:
                yield stream.read()


def test_every_variable_is_in_the_manual():
    read_by = set()
    for text in sources():
        read_by.update(re.findall(r'(?:getenv|variable)\s*\(\s*"([A-Z_]+)"', text))
    page = manual()
    missing = sorted(name for name in read_by - AMBIENT if name not in page)
    assert not missing, missing
    named = set(re.findall(r"\bDESCENT_[A-Z]+\b", page + run("--help").output))
    assert named <= read_by, named - read_by


def test_every_option_and_subcommand_is_in_the_manual_and_in_help():
    text, page = run("--help").output, manual()
    options = set(re.findall(r"^  (?:(-\w)(?: |,))", text, flags=re.M))
    options |= set(re.findall(r"(--\w+)  ", text))
    assert {"-e", "-l", "-i", "-v", "-h", "-E", "-W", "--version", "--help"} <= options, options
    for option in options:
        contains(page, option)
    for path in glob.glob(os.path.join(top, "lua", "descent", "cli", "*.lua")):
        name = os.path.basename(path)[:-4]
        contains(text, "descent %s " % name)
        contains(page, "descent %s" % name)


def test_exit_codes_are_those_of_the_program():
    for text in (manual(), run("--help").output):
        for code in ("0", "1", "2", "130"):
            assert re.search(r"(^|\s)%s\b" % code, text), code
    assert [run("-e", code).code for code in ("", "error('x')")] == [0, 1]
    assert run("--bogus").code == 2


def test_every_command_and_key_is_in_the_manual():
    page = manual()
    with Session(rows=60) as s:
        text = s.enter(":help")
    commands = re.findall(r"^  (:\w+)", text, flags=re.M)
    assert len(commands) >= 10, commands
    for command in commands:
        assert re.search(r"^%s\b" % command, page, flags=re.M), command
    described = set(re.findall(r"^(:\w+)", page, flags=re.M))
    assert described <= set(commands), described - set(commands)
    keys = re.findall(r"^  ([A-Z][\w-]*(?:, Down)?)  ", text.split("Keys", 1)[1], flags=re.M)
    assert len(keys) >= 8, keys
    for key in keys:
        contains(page.replace('"', ""), key)
