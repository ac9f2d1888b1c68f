# SPDX-License-Identifier: GPL-3.0-or-later
"""plot.live at a terminal: keys, the cells it redraws, and what it leaves behind."""

import re
import termios

from session import CTRL, LEFT, RIGHT, Session

RUN = ("r = descend(loss.least_squares(model.line, data.line12), optim.gd{alpha = 0.01}, "
       "{start = {1.6, -0.5}});\r")


def lines(session):
    return "\n".join("".join(line).rstrip() for line in session.screen.lines)


def shows(session, pattern):
    """Reads until a whole frame has come with the pattern on the screen."""
    for _ in range(200):
        session.read_to("\x1b[?2026l")
        if re.search(pattern, lines(session)):
            return
    raise AssertionError("%r is not on the screen:\n%s" % (pattern, lines(session)))


def test_keys_step_and_step_back():
    with Session(TERM="xterm-256color", DESCENT_PLOT="text") as session:
        before = termios.tcgetattr(session.child.child_fd)
        session.send(RUN)
        session.wait()
        session.send("plot.live(r, {paused = true})\r")
        shows(session, r"t = 0,.*(?s:.*)paused")
        assert "data and model" in lines(session) and "loss L[φ]" in lines(session)
        whole = len(session.all)
        session.send("s")
        shows(session, "t = 1,")
        session.send(RIGHT)
        shows(session, "t = 2,")
        assert len(session.all) - whole < 6000, "two frames are less than one whole one"
        session.send("b" + LEFT)
        shows(session, "t = 0,")
        session.send("b")  # there is nothing before the start
        session.send("s")
        shows(session, "t = 1,")
        session.send("q")
        session.wait()
        session.send("r.t\r")
        assert "1" in session.wait()
        assert termios.tcgetattr(session.child.child_fd) == before


def test_it_runs_to_its_goal_and_ctrl_c_stops_it():
    with Session(TERM="xterm-256color", DESCENT_PLOT="text") as session:
        before = termios.tcgetattr(session.child.child_fd)
        session.send(RUN)
        session.wait()
        session.send("plot.live(r, {steps = 5, fps = 60})\r")
        shows(session, r"t = 5,(?s:.*)done")
        session.send(CTRL["C"])  # while it pauses
        assert "interrupted" in session.wait()
        session.send("plot.live(r)\r")
        shows(session, r"t = (?:[89]|\d\d),")
        session.send(CTRL["C"])  # while it runs
        assert "interrupted" in session.wait()
        assert termios.tcgetattr(session.child.child_fd) == before
        assert "\x1b[?25h" in session.all[session.all.rindex("\x1b[?25l"):], "the cursor is back"
        session.send("r.reason\r")
        session.wait()
        session.send("1 + 1\r")
        assert "2" in session.wait()
