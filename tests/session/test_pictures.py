# SPDX-License-Identifier: GPL-3.0-or-later
"""Plots as pictures: terminals that answer as kitty, a VT340, an xterm and tmux do, displays that
are dead, and gnuplots that are killed or stopped while a run moves."""

import base64
import os
import re
import shutil
import signal
import termios
import time

from session import CTRL, Session, Skipped, clean, contains, equal, lacks, matches

DATA = "d = data.line12\r"
GABOR = ("r = descend(loss.least_squares(model.gabor, data.gabor30), optim.gd{alpha = 0.05}, "
         "{start = {-1.5, 8.5}});\r")
DARK = "\x1b]11;rgb:1010/1414/1818\x1b\\"
LIGHT = "\x1b]11;rgb:ffff/ffff/ffff\x1b\\"
# As these terminals answered when they were asked (plots.md has the table).
KITTY = "\x1b_Gi=31;OK\x1b\\" + DARK + "\x1b[6;17;8t" + "\x1bP1$r0;48:2:1:2:3m\x1b\\" + "\x1b[?62;c"
VT340 = DARK + "\x1b[?63;1;2;4;6;9;15;16;22;28c"
XTERM = "{ground}\x1bP1$r0;48:2::1:2:3m\x1b\\\x1b[?64;1;2;6;9;15;16;17;18;21;22;28c"

has_gnuplot = shutil.which("gnuplot") is not None


def need_gnuplot():
    if not has_gnuplot:
        raise Skipped("gnuplot is not installed")


def ask(session, code, answer):
    """Types the code, answers the terminal question in it; what came until the next prompt."""
    session.send(code)
    asked = session.read_to("\x1b[c")
    session.send(answer)
    before = len(session.all)
    session.answer() if "\x1b[?2004l" not in asked else session.wait()
    return asked, session.all[before:]


def prompt_is_clean(session):
    """Nothing of the answers stands at the prompt or is read as keys."""
    session.send("6*7\r")
    equal(session.answer(), "42")
    for stray in ("Gi=31", ";4;6", "62;c", "rgb:"):
        lacks("\n".join("".join(line) for line in session.screen.lines), stray)


def images(text):
    """The pictures in kitty's sequences, and the bytes that were sent for them."""
    chunks = re.findall(r"\x1b_G([^;]*);([^\x1b]*)\x1b\\", text)
    pictures, data, sent = [], "", 0
    for keys, part in chunks:
        assert len(part) <= 4096, "a piece is at most 4096 letters"
        data += part
        sent += len(part) + len(keys) + 6
        if "m=0" in keys.split(","):
            pictures.append(base64.b64decode(data))
            data = ""
    return pictures, sent


def test_kitty_gets_a_png_and_the_prompt_a_line_of_its_own():
    need_gnuplot()
    # What the terminal answers counts; the description of xterm-kitty is not on every machine.
    with Session(TERM="xterm-256color") as session:
        session.enter(GABOR.strip())
        asked, shown = ask(session, "plot.surface{r, phi0 = {-10, 10}, phi1 = {2, 22}}\r", KITTY)
        contains(asked, "\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\")
        pictures, sent = images(shown)
        equal(len(pictures), 1)
        equal(pictures[0][:8], b"\x89PNG\r\n\x1a\n")
        equal(pictures[0][-8:-4], b"IEND")
        wide = int.from_bytes(pictures[0][16:20], "big")
        high = int.from_bytes(pictures[0][20:24], "big")
        assert 0 < wide <= 100 * 8 and 0 < high <= 38 * 17, "it fits 100 x 40 cells of 8 x 17"
        assert sent <= 150000, "%d bytes were sent" % sent
        matches(shown, r"\x1b\\\r?\n")
        prompt_is_clean(session)
        session.send("plot(data.line12)\r")  # the terminal is not asked again
        lacks(session.answer(), "\x1b[c")


def test_a_vt340_gets_sixels_with_a_blue_path():
    need_gnuplot()
    with Session(TERM="xterm-256color") as session:  # Readline knows too little of a VT340
        session.enter(GABOR.strip() + " r:step(30);")
        _, shown = ask(session, "plot(r)\r", VT340)
        assert re.search(r"\x1bP[0-9;]*q", shown), "no sixels"
        # 56B4E9 in hundredths is 34, 71, 91; the colours are some of very many.
        near = [c for c in re.findall(r"#\d+;2;(\d+);(\d+);(\d+)", shown)
                if abs(int(c[0]) - 34) + abs(int(c[1]) - 71) + abs(int(c[2]) - 91) <= 6]
        assert near, "the path is not blue"
        prompt_is_clean(session)


def test_an_xterm_gets_characters_in_the_colours_of_its_ground():
    for ground, path in ((DARK, "38;2;86;180;233"), (LIGHT, "38;2;0;114;178")):
        with Session(TERM="xterm-256color") as session:
            session.enter(DATA.strip())
            _, shown = ask(session, "plot(d)\r", XTERM.format(ground=ground))
            contains(clean(shown), "12 examples")
            contains(shown, path)
            lacks(shown, "\x1b_G")
            prompt_is_clean(session)


def test_in_tmux_characters_and_no_question_about_graphics():
    with Session(TERM="tmux-256color", TMUX="/tmp/tmux-0/default,1,0",
                 KITTY_WINDOW_ID="1") as session:
        session.enter(DATA.strip())
        asked, shown = ask(session, "plot(d)\r", "\x1b[?1;2c")
        lacks(asked, "\x1b_G")
        contains(clean(shown), "12 examples")
        prompt_is_clean(session)


def test_keys_typed_ahead_are_kept():
    with Session(TERM="xterm-256color") as session:
        session.enter("function slow() for i = 1, 2e7 do end plot(data.line12) end")
        session.send("slow()\r")
        session.read_to("\x1b[?2004l")
        session.send("6*7\r")  # while the code runs
        shown = session.wait() + session.wait()
        contains(shown, "12 examples")
        matches(shown, r"\n42$")
        lacks(session.all, "\x1b_G")
        _, shown = ask(session, "plot(data.line12)\r", KITTY)  # it is asked now
        if has_gnuplot:
            contains(shown, "\x1b_Ga=T")


def test_keys_that_come_among_the_answers_are_kept():
    with Session(TERM="xterm-256color") as session:
        session.enter(DATA.strip())
        session.send("plot(d)\r")
        session.read_to("\x1b[c")
        session.send(DARK + "6*" + "\x1b[?1;2c")
        contains(session.wait(), "12 examples")
        session.send("7\r")
        equal(session.answer(), "42")


def test_a_dead_display_is_told_and_text_comes():
    for display in (":4711", "", "nonsense"):
        with Session(TERM="xterm", DISPLAY=display, DESCENT_PLOT="window") as session:
            start = time.monotonic()
            session.send("plot(data.line12)\r")
            session.read_to("\x1b[c")
            session.send("\x1b[?62;1;2;6c")
            session.read_to("12 examples")
            assert time.monotonic() - start < 10  # a second, on a machine at rest
            contains(session.wait(), "display")
            contains(session.enter("plot(data.line12)"), "12 examples")


def children(pid):
    """The numbers and states of the processes that this one has started."""
    found = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open("/proc/%s/stat" % name, encoding="utf-8") as file:
                    rest = file.read().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if int(rest[1]) == pid:
                found[int(name)] = rest[0]
    return found


def frames(session, count):
    for _ in range(count):
        session.read_to("\x1b[?2026l")


def test_live_pictures_go_on_when_gnuplot_is_killed_or_stopped():
    need_gnuplot()
    if not os.path.isdir("/proc/self"):
        raise Skipped("there is no /proc")
    with Session(TERM="xterm-256color") as session:
        before = termios.tcgetattr(session.child.child_fd)
        session.enter(GABOR.strip())
        session.send("plot.live(r)\r")
        session.read_to("\x1b[c")
        session.send(KITTY)
        frames(session, 3)
        pictures, _ = images(session.all)
        equal(pictures[-1][:4], b"\x89PNG")
        contains(session.all, "i=7,p=1")
        pid = session.child.pid
        open_files = len(os.listdir("/proc/%d/fd" % pid))
        for sign in (signal.SIGKILL, signal.SIGSTOP):
            for child in children(pid):
                os.kill(child, sign)
            at = len(images(session.all)[0])
            while len(images(session.all)[0]) < at + 3:
                frames(session, 1)
            assert "Z" not in children(pid).values(), "a zombie is left"
        equal(len(os.listdir("/proc/%d/fd" % pid)), open_files)
        session.send(CTRL["C"])
        contains(session.wait(), "interrupted")
        equal(termios.tcgetattr(session.child.child_fd), before)
        contains(session.all[session.all.rindex("\x1b[?25l"):], "\x1b[?25h")
        equal(session.enter("r.t > 0"), "true")


def test_live_changes_alpha_and_returns_the_fork():
    with Session(TERM="xterm-256color", DESCENT_PLOT="text") as session:
        session.enter(GABOR.strip())
        session.send("f = plot.live(r, {paused = true})\r")
        for key, words in (("", "paused, α = 0.05 "), ("\x1b[A", "α = 0.0625"), ("s", "t = 1,")):
            session.send(key)
            while words not in "\n".join("".join(line) for line in session.screen.lines):
                frames(session, 1)
        session.send("q")
        session.wait()
        equal(session.enter("r.t, f.t, f.optimizer.alpha or f.trace.alpha[2]"), "0\t1\t0.0625")
