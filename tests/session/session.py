# SPDX-License-Identifier: GPL-3.0-or-later
"""A session with descent at a pseudo-terminal of 100 x 40, and what tests ask of it.

Nothing waits for a fixed time: Readline switches bracketed paste on when it asks for an entry and
off when it has one, and these marks say where the session stands.
"""

import os
import re
import shutil
import subprocess
import tempfile

import pexpect

from screen import Screen

ROWS, COLUMNS = 40, 100
SLOWER = float(os.environ.get("DESCENT_SLOWER", "1"))  # how many times slower than usual it runs
PATIENCE = 60 * SLOWER  # seconds; only a hang comes near
ASKING, GIVEN = "\x1b[?2004h", "\x1b[?2004l"
UP, DOWN, RIGHT, LEFT = "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D"
CTRL = {letter: chr(ord(letter) - 64) for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ\\"}

program = None  # set by run.py


class Skipped(Exception):
    """What this machine cannot run, and why."""


def sanitized():
    """Whether the program was built with the address sanitizer."""
    return "ASAN_OPTIONS" in os.environ or "sanitize" in program


def environment(home, **changes):
    kept = {name: value for name, value in os.environ.items()
            if name in ("PATH", "ASAN_OPTIONS", "LSAN_OPTIONS", "DESCENT_PATH", "DESCENT_PLOT_SECONDS",
                        "LD_LIBRARY_PATH")}
    kept.update(HOME=home, TERM="xterm-256color", LANG="C.UTF-8")
    for name, value in changes.items():
        if value is None:
            kept.pop(name, None)
        else:
            kept[name] = value
    return kept


class Home:
    """A home folder of its own, gone afterwards."""

    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix="descent-session-")
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)

    def file(self, *names):
        return os.path.join(self.path, *names)

    def write(self, text, *names):
        path = self.file(*names)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(text)
        return path

    def history(self):
        return self.file(".local", "state", "descent", "history")

    def history_text(self):
        with open(self.history(), encoding="utf-8") as stream:
            return stream.read()


class Session:
    def __init__(self, home=None, arguments=(), rows=ROWS, columns=COLUMNS, plain=False, **changes):
        self.own_home = None
        if home is None:
            self.own_home = Home()
            home = self.own_home.__enter__()
        self.home = home
        self.screen = Screen(rows, columns)
        self.plain = plain
        self.child = pexpect.spawn(
            program, list(arguments), env=environment(home.path, **changes), encoding="utf-8",
            codec_errors="replace", dimensions=(rows, columns), timeout=PATIENCE, cwd=home.path)
        self.child.delaybeforesend = None
        self.all = ""
        self.greeting = self.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.close(force=True)
        if self.own_home:
            self.own_home.__exit__()

    def read_to(self, mark):
        """What came before the mark, which is taken too."""
        self.child.expect_exact(mark)
        self.note(self.child.before + self.child.after)
        return self.child.before

    def note(self, text):
        self.all += text
        self.screen.feed(text)

    def wait(self):
        """To the next prompt; returns what was printed until then."""
        if self.plain:
            return clean(self.read_to("\n> " if self.all else "> "))
        text = self.read_to(ASKING)
        self.read_to("> ")
        return clean(text)

    def send(self, text):
        self.child.send(text)

    def keys(self, *texts):
        """Types without an Enter that would run it; afterwards the screen is up to date."""
        for text in texts:
            self.child.send(text)
        self.settle()

    def settle(self):
        """Reads until all that was typed has been worked on: ^G changes no text, and rings."""
        self.child.send(CTRL["G"])
        self.read_to("\x07")

    def enter(self, text="", timed=False):
        """Types an entry and Enter; returns what it printed, without the time of a slow machine."""
        self.child.send(text + "\r")
        answer = self.answer()
        return answer if timed else re.sub(r"\n?\(\d+(\.\d+)? s\)$", "", answer)

    def answer(self):
        if self.plain:
            return self.wait()
        self.read_to(GIVEN)
        return self.wait()

    def paste(self, text):
        self.child.send("\x1b[200~" + text.replace("\n", "\r") + "\x1b[201~")

    def interrupt(self):
        self.child.send(CTRL["C"])

    def leave(self):
        """Ctrl-D; returns the exit code."""
        self.child.send(CTRL["D"])
        self.child.expect(pexpect.EOF)
        self.note(self.child.before)
        self.child.close()
        return self.child.exitstatus

    def resize(self, rows, columns):
        self.child.setwinsize(rows, columns)


def clean(text):
    """Printed text as lines, without escape sequences."""
    text = re.sub(r"\x1b\[[0-9;?]*[@-~]", "", text).replace("\r", "")
    return text.strip("\n")


class Result:
    def __init__(self, process):
        self.output, self.errors, self.code = process.stdout, process.stderr, process.returncode


def run(*arguments, text="", home=None, **changes):
    """The program without a terminal: output, errors, code."""
    with Home() as own:
        folder = home.path if home else own.path
        return Result(subprocess.run(
            [program, *arguments], input=text, capture_output=True, text=True, timeout=PATIENCE,
            env=environment(folder, **changes), cwd=folder, check=False))


def equal(found, expected):
    if found != expected:
        raise AssertionError("expected %r,\n    found %r" % (expected, found))


def contains(text, part):
    if part not in text:
        raise AssertionError("%r is not in\n    %r" % (part, text))


def lacks(text, part):
    if part in text:
        raise AssertionError("%r is in\n    %r" % (part, text))


def matches(text, pattern):
    if not re.search(pattern, text):
        raise AssertionError("%r does not match\n    %r" % (text, pattern))
