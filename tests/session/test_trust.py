# SPDX-License-Identifier: GPL-3.0-or-later
"""A machine that is not as it should be: nothing is lost, and one sentence says what is the matter."""

import contextlib
import os
import resource
import shutil
import signal
import subprocess
import time

import session
from session import PATIENCE, Home, Session, Skipped, clean, contains, equal, lacks, run

RUN = ("r = descend(loss.least_squares(model.line, data.line12), optim.gd{alpha = 0.01},"
       " {start = {1.6, -0.5}}) ")
LOST = "descent: the output could not be written whole: is the disk full, or the output closed?\n"


def started(home, *arguments, prepare=None, **streams):
    """The program with other streams or limits than those of run()."""
    return subprocess.run([session.program, *arguments], cwd=home.path, text=True, check=False,
                          env=session.environment(home.path), timeout=PATIENCE,
                          stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, preexec_fn=prepare,
                          **streams)


def one_sentence(text):
    equal(text.count("\n"), 1)


def test_a_full_disk_under_the_output_is_said():
    with Home() as home, open("/dev/full", "w", encoding="utf-8") as full:
        result = started(home, "-e", "for i = 1, 10 do print(i) end", stdout=full)
        equal((result.returncode, result.stderr), (1, LOST))


def test_a_closed_output_is_said_and_no_file_takes_its_place():
    with Home() as home:
        code = "local f = io.open('kept', 'w') print('printed') f:write('written') f:close()"
        result = started(home, "-e", code, prepare=lambda: os.close(1))
        equal((result.returncode, result.stderr), (1, LOST))
        with open(home.file("kept"), encoding="utf-8") as stream:
            equal(stream.read(), "written")


@contextlib.contextmanager
def small_disk(home, options="size=64k"):
    """A disk of 64 kB, which only root can make: None for all others."""
    folder = home.file("disk")
    os.mkdir(folder)
    command = ["mount", "-t", "tmpfs", "-o", options, "none", folder]
    made = os.geteuid() == 0 and subprocess.run(command, capture_output=True,
                                                check=False).returncode == 0
    try:
        yield folder if made else None
    finally:
        if made:
            subprocess.run(["umount", folder], check=True)


def test_what_was_saved_before_survives_a_full_disk():
    with Home() as home, small_disk(home) as disk:
        if disk is None:
            raise Skipped("only root can make a small disk")
        result = run("-e", RUN + """
            r:step(3) r:save('disk/a.run')
            r:step(20000)
            print(select(2, pcall(r.save, r, 'disk/a.run')))
            print(run.load('disk/a.run').t)
            local d = data.line{n = 10000, seed = 1}
            print(select(2, pcall(d.write, d, 'disk/b.csv')))""", home=home)
        equal(result.errors, "")
        save, t, write = result.output.splitlines()
        contains(save, "disk/a.run: cannot write: no space left on the disk")
        equal(t, "3")
        contains(write.lower(), "no space left on")
        equal(os.listdir(disk), ["a.run"])


def test_a_home_that_can_only_be_read():
    with Home() as home, small_disk(home, "ro") as disk:
        if disk is None:
            raise Skipped("only root can make a disk that can only be read")
        with Session(home, HOME=disk) as s:
            equal(s.enter("1 + 1"), "2")
            s.enter(RUN)
            contains(s.enter("r:step(3):save(os.getenv('HOME') .. '/a.run')"), "read-only")
            equal(s.enter("r.t"), "3")
            s.send("lesson 'line'\r")
            s.wait()
            contains(" ".join(clean(s.all).split()),
                     "Your progress cannot be kept: %s/.local/share/descent/lessons: "
                     "cannot make a folder: the file system is read-only" % disk)
            equal(s.leave() in (0, None), True)
        equal(os.listdir(disk), [])


def test_a_folder_for_temporary_files_that_is_not_there():
    code = ("plot.surface(loss.least_squares(model.line, data.line12)) plot.save('a.svg')"
            " print(#io.open('a.svg'):read('a') > 1000)")
    result = run("-e", code, TMPDIR="/nowhere at all")
    equal((result.code, result.errors), (0, ""))
    equal(result.output.splitlines()[-1], "true")


@contextlib.contextmanager
def german():
    """LOCPATH of a folder with de_DE.UTF-8, where commas stand for points; None: cannot be made."""
    with Home() as home:
        made = shutil.which("localedef") and subprocess.run(
            ["localedef", "-i", "de_DE", "-f", "UTF-8", home.file("de_DE.UTF-8")],
            capture_output=True, check=False).returncode == 0
        yield home.path if made else None


def test_decimal_commas_change_no_number():
    with german() as folder, Home() as home:
        if folder is None:
            raise Skipped("localedef cannot make de_DE.UTF-8 here")
        variables = {"LOCPATH": folder, "LC_ALL": "de_DE.UTF-8", "LANG": "de_DE.UTF-8"}
        code = RUN + """
            print(1.5, tonumber("2.5"), array{0.25})
            r:step(5) r:save('a.run') print(run.load('a.run').phi[1] == r.phi[1])
            local d = data.new{x = {0.5, 1.5}, y = {0.25, 4}} d:write('a.csv')
            print(io.open('a.csv'):read('a'))
            print(data.read('a.csv').y[1])
            plot(r) plot.save('a.svg') print(#io.open('a.svg'):read('a') > 1000)
            explain(r)"""
        usual = run("-e", code, home=home)
        found = run("-e", code, home=home, **variables)
        equal((usual.code, usual.errors), (0, ""))
        equal((found.code, found.errors), (0, ""))
        equal(found.output, usual.output)
        with Session(home, **variables) as s:
            equal(s.enter("1.5 + 1"), "2.5")


def test_more_threads_than_cores():
    code = ("local d = data.line{n = 50000, noise = 1, seed = 1}"
            " print(('%a'):format(loss.least_squares(model.line, d)(1, 2)))")
    one, many = run("-e", code, DESCENT_THREADS="1"), run("-e", code, DESCENT_THREADS="32")
    equal((one.code, many.code), (0, 0))
    equal(many.output, one.output)


def test_names_with_spaces_quotes_and_letters():
    name = "größe n's \"日本\" $(touch x) % "
    with Home() as home:
        script = home.write("""
            local name = arg[1]
            local r = descend(loss.least_squares(model.line, data.line12),
                optim.gd{alpha = 0.01}, {start = {1.6, -0.5}}):step(3)
            r:save(name .. ".run") print(run.load(name .. ".run").t)
            data.line12:write(name .. ".csv") print(#data.read(name .. ".csv"))
            plot(r) plot.save(name .. ".svg") print(#io.open(name .. ".svg"):read("a") > 1000)""",
                            name + ".lua")
        result = run(script, name, home=home)
        equal((result.code, result.errors), (0, ""))
        equal([line for line in result.output.splitlines() if line in ("3", "12", "true")],
              ["3", "12", "true"])
        equal(sorted(os.listdir(home.path)),
              sorted(name + end for end in (".csv", ".lua", ".run", ".svg")))
        missing = run(home.file(name + " is missing.lua"), home=home)
        equal(missing.code, 2)
        contains(missing.errors, name)


def test_without_a_home_a_session_goes_on():
    with Session(HOME=None) as s:
        equal(s.enter("1 + 1"), "2")
        equal(s.leave(), 0)


def test_a_terminal_of_twenty_columns():
    with Session(columns=20, PAGER="cat") as s:
        s.enter(RUN)
        for entry in ("r:step(3)", "data.line12", "help(optim.adam)", "plot(r)", "explain(r)"):
            s.send(entry + "\r")
            answer = s.answer()
            lacks(answer, "attempt to")
            lacks(answer, "descent/")
        equal(s.enter("r.t"), "3")


def ended_by(number):
    with Home() as home:
        with Session(home) as s:
            s.enter("kept = 1")
            s.enter(RUN)
            s.send("r:step(5) print('go' .. 'ing') io.stdout:flush() r:converge{steps = 1e12}\r")
            s.read_to("going")
            s.child.kill(number)
            s.child.expect(session.pexpect.EOF)
            s.child.close()
            equal(s.child.signalstatus or s.child.exitstatus - 128, number)
        contains(home.history_text(), "kept = 1")
        contains(home.history_text(), "converge")


def test_terminated_in_a_fit_the_history_is_kept():
    ended_by(signal.SIGTERM)


def test_hung_up_in_a_fit_the_history_is_kept():
    ended_by(signal.SIGHUP)


def test_an_ended_session_leaves_no_process_and_no_file():
    if not shutil.which("gnuplot"):
        raise Skipped("gnuplot is not installed")
    for number in (signal.SIGTERM, signal.SIGHUP):
        with Home() as home:
            os.mkdir(home.file("temporary"))
            with Session(home, TMPDIR=home.file("temporary")) as s:
                s.enter("plot(data.line12) plot.save('a.svg')")
                drawer = int(s.enter("require('descent.plot.gnuplot').process_id()"))
                os.kill(drawer, 0)
                s.child.kill(number)
                s.child.expect(session.pexpect.EOF)
                s.child.close()
            until = time.monotonic() + PATIENCE
            while os.path.exists("/proc/%d" % drawer) and time.monotonic() < until:
                time.sleep(0.01)
            equal(os.path.exists("/proc/%d" % drawer), False)
            equal(os.listdir(home.file("temporary")), [])
            with open(home.file("a.svg"), encoding="utf-8") as picture:
                contains(picture.read(), "</svg>")


def limited(megabytes):
    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
    return limit


def test_too_little_memory_is_one_sentence():
    if session.sanitized():
        raise Skipped("the sanitizer needs room of its own")
    with Home() as home:
        for code in ("local t = {} for i = 1, 1e9 do t[i] = {} end", "print(#zeros(1e4, 1e4))",
                     "print(#data.line{n = 2e7, seed = 1})"):
            result = started(home, "-e", code, prepare=limited(150), stdout=subprocess.PIPE)
            equal((result.returncode, result.stdout), (1, ""))
            one_sentence(result.stderr)
            contains(result.stderr, "memory")


def test_a_file_of_a_hundred_megabytes():
    with Home() as home:
        rows = "".join("%d.25,%d\n" % (i % 9973, i % 7) for i in range(100000))
        count = 100000 * (100 * 2**20 // len(rows) + 1)
        with open(home.file("large.csv"), "w", encoding="ascii") as stream:
            stream.write("x,y\n")
            for _ in range(count // 100000):
                stream.write(rows)
        result = run("-e", "d = data.read('large.csv') print(#d, d.x[2], d.y[9])", home=home)
        equal((result.code, result.errors), (0, ""))
        equal(result.output, "%d\t1.25\t1.0\n" % count)
