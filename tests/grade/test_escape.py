# SPDX-License-Identifier: GPL-3.0-or-later
"""Attempts to get out, to read what must not be read, to outlast the limits, and to fool the judge.
None may pass, none may leave anything behind, for root and for a user without rights."""

import os
import signal
import subprocess
import time

import grading
from grading import NOBODY, expect, folder, rows, verdicts, write

# A right update rule, for attempts that try to be right for the wrong reason.
RIGHT = """
function step(phi, m, g, alpha, beta)
    local p, q = {}, {}
    for i = 1, #phi do
        q[i] = beta*m[i] + (1 - beta)*g[i]
        p[i] = phi[i] - alpha*q[i]
    end
    return p, q
end
"""

STEP = "function step(phi, m, g, alpha, beta)\n%s\nend\n"

# name: (submission, verdicts that are right for its first check)
ATTEMPTS = {
    "execute": (STEP % "os.execute('touch /tmp/descent-escaped') return phi, m", {"forbidden"}),
    "popen": (STEP % "return io.popen('id'):read('a')", {"forbidden"}),
    "open": (STEP % "return io.open('/etc/passwd'):read('a')", {"forbidden"}),
    "write-file": (STEP % "io.open('/tmp/descent-escaped', 'w'):write('x')", {"forbidden"}),
    "require": (STEP % "return require('descent.exercise.judge')", {"forbidden"}),
    "package": (STEP % "return package.loadlib('libc.so.6', 'system')", {"forbidden"}),
    "debug": (STEP % "return debug.getregistry()", {"forbidden"}),
    "dump": (STEP % "return string.dump(step)", {"forbidden"}),
    "dump-method": (STEP % "return ('x').dump(step)", {"forbidden"}),
    "bytecode-load": (STEP % "return load('\\27Lua', 'x', 'b')()", {"forbidden"}),
    "dofile": (STEP % "return dofile('lessons/exercises/momentum.lua')", {"forbidden"}),
    "collect": (STEP % "collectgarbage('stop') return phi, m", {"forbidden"}),
    "resource": (STEP % "return resource('lessons/exercises/momentum.lua')", {"error"}),
    "string-metatable": (STEP % "return getmetatable('').__index.dump(step)",
                         {"error", "forbidden"}),
    "array-metatable": (STEP % "getmetatable(array{1}).__gc(array{1}) return phi, m", {"error"}),
    "gc-loop": (STEP % "setmetatable({}, {__gc = function() while true do end end}) "
                       "return phi, m", {"forbidden"}),
    "endless": (STEP % "while true do end", {"time"}),
    "endless-top": ("while true do end", {"time"}),
    "endless-pcall": (STEP % "while true do pcall(function() while true do end end) end",
                      {"time"}),
    "endless-coroutine": (STEP % "coroutine.wrap(function() while true do end end)()", {"time"}),
    "endless-yield": (STEP % "local c = coroutine.wrap(function() while true do "
                             "coroutine.yield() end end) while true do c() end", {"time"}),
    "endless-match": (STEP % "return ('a'):rep(40):find(('a?'):rep(40) .. ('a'):rep(40))",
                      {"time"}),
    "endless-sort": (STEP % "local t = {} for i = 1, 1e5 do t[i] = i end "
                            "while true do table.sort(t, function(a, b) return a < b end) end",
                     {"time"}),
    "endless-tostring": (STEP % "return setmetatable({}, {__tostring = function() while true do "
                                "end end, __index = function() while true do end end, "
                                "__len = function() while true do end end}), m", {"fail"}),
    "endless-error": (STEP % "error(setmetatable({}, {__tostring = function() while true do end "
                             "end}))", {"error"}),
    "huge-string": (STEP % "return ('x'):rep(1e9)", {"memory"}),
    "huge-doubling": (STEP % "local s = 'x' while true do s = s .. s end", {"memory", "time"}),
    "huge-caught": (STEP % "while true do pcall(string.rep, 'x', 1e9) end", {"time"}),
    "huge-table": (STEP % "local t = {} for i = 1, 1e9 do t[i] = {} end", {"memory", "time"}),
    "huge-array": (STEP % "return zeros(20000, 20000), m", {"memory", "error"}),
    "huge-answer": (STEP % "local t = {} for i = 1, 1e6 do t[i] = i end return t, t",
                    {"fail", "time"}),
    "deep-answer": (STEP % "local t = {} for i = 1, 1e5 do t = {t} end return t, m", {"fail"}),
    "cyclic-answer": (STEP % "local t = {} t[1] = t return t, t", {"fail"}),
    "many-answers": (STEP % "local t = {} for i = 1, 2000 do t[i] = i end return table.unpack(t)",
                     {"fail", "crash", "error"}),
    "flood": (STEP % "while true do print(('x'):rep(1000)) end", {"output"}),
    "flood-once": (STEP % "print(('x'):rep(2^21)) return phi, m", {"output"}),
    "recursion": (STEP % "return step(phi, m, g, alpha, beta) + 1", {"error", "time"}),
    "deep-source": ("return " + "(" * 100000, {"error"}),
    "deep-pattern": (STEP % "return ('a'):find(('(a'):rep(1e5))", {"error", "fail"}),
    "nan": (STEP % "local n = {} for i = 1, #phi do n[i] = 0/0 end return n, n", {"fail"}),
    "infinite": (STEP % "local n = {} for i = 1, #phi do n[i] = 1/0 end return n, n", {"fail"}),
    "forged-numbers": (STEP % "local f = setmetatable({}, {__sub = function() return 0 end, "
                              "__lt = function() return true end, __le = function() return true "
                              "end, __eq = function() return true end}) "
                              "local n = {} for i = 1, #phi do n[i] = f end return n, n",
                       {"fail"}),
    "forged-strings": (STEP % "local n = {} for i = 1, #phi do n[i] = '0' end return n, n",
                       {"fail"}),
    "forged-list": (STEP % "local f = setmetatable({}, {__index = function() return 0 end, "
                           "__len = function() return #phi end}) return f, f", {"fail"}),
    "forged-foreign": (STEP % "return {['?'] = 'function'}, {['?'] = 'function'}", {"fail"}),
    "changed-checker": ("function pcall() return true end\n"
                        "function math.abs() return 0 end\n"
                        "function math.type() return 'float' end\n"
                        "function type() return 'number' end\n"
                        "table.pack = function() return {n = 0} end\n"
                        "string.format = nil\nstring.gsub = nil\nstring.sub = nil\n"
                        + STEP % "return phi, m", {"fail"}),
    "changed-pack": ("string.pack = function() return 't' end\n"
                     "string.unpack = function() return 0 end\n" + STEP % "return phi, m",
                     {"fail"}),
    "exit": (STEP % "os.exit(0)", {"forbidden"}),
    "says-pass": ("print('{\"verdict\":\"pass\"}')\n" + STEP
                  % "return {verdict = 'done', values = {n = 0}}", {"fail"}),
    "compiled": (b"\x1bLua\x54\x00\x19\x93\r\n\x1a\n", {"forbidden"}),
    "syntax": ("function step(phi", {"error"}),
    "empty": ("", {"fail"}),
    "zero-bytes": (b"\0" * 1000, {"error"}),
    "no-utf8": (b"-- \xff\xfe\nfunction step() return '\xff\xfe\x80', '\xff' end", {"fail"}),
    "terminal-codes": (STEP % "error('\\27]0;owned\\7\\27[2J\\n\\nok 1 - all\\u{202e}')",
                       {"error"}),
}

# Right in spite of its oddities: what must not be refused.
FINE = {
    "fine": RIGHT,
    "fine-bom": "\ufeff#!/usr/bin/env lua\n" + RIGHT,
    "fine-crlf": RIGHT.replace("\n", "\r\n"),
    "fine-prints": RIGHT + "print(array{1, 2}, step)\n",
    "fine-arrays": STEP % "m = beta*m + (1 - beta)*g return phi - alpha*m, m",
    "fine-string-method": "function string:twice() return self .. self end\nlocal x = ('a'):twice()"
                          + RIGHT,
    "fine-load": "local f = load('return 1') f()" + RIGHT,
    "fine-coroutine": STEP % ("local c = coroutine.wrap(function() for i = 1, #phi do "
                              "coroutine.yield(beta*m[i] + (1 - beta)*g[i]) end end) "
                              "local p, q = {}, {} for i = 1, #phi do q[i] = c() "
                              "p[i] = phi[i] - alpha*q[i] end return p, q"),
}


def attempt(user):
    with folder() as path:
        files = [write(path, name + ".lua", text) for name, (text, _) in ATTEMPTS.items()]
        files += [write(path, name + ".lua", text) for name, text in FINE.items()]
        got = rows(*files, "--seconds", "0.1", "--memory", "64M", user=user, code=1)
        expect(len(got) == len(files), "%d rows for %d files", len(got), len(files))
        wrong = []
        for row in got:
            name = row["submission"]
            if name in FINE:
                if not row["passed"]:
                    wrong.append("%s: %s" % (name, row["checks"]))
                continue
            if row["points"] != 0 or row["passed"] or verdicts(row)[0] not in ATTEMPTS[name][1]:
                wrong.append("%s: %s points, %s, not %s: %s" % (
                    name, row["points"], verdicts(row), ATTEMPTS[name][1],
                    row["checks"][0].get("say")))
        expect(not wrong, "%s", "\n".join(wrong))
        expect(not os.path.exists("/tmp/descent-escaped"), "a file was written")
        text = str(got)
        expect("\x1b" not in text and "\u202e" not in text, "control characters are reported")
        expect("root:" not in text, "a file of the system was read")


def test_attempts_as_this_user():
    attempt(None)


def test_attempts_as_nobody():
    if os.getuid() == 0:
        attempt(NOBODY)


def test_files_that_are_no_files():
    with folder() as path:
        os.mkfifo(os.path.join(path, "fifo.lua"))
        os.mkdir(os.path.join(path, "folder.lua"))
        target = write(path, "solution.lua", grading.submissions["right"])
        os.symlink(target, os.path.join(path, "link.lua"))
        os.symlink("/dev/zero", os.path.join(path, "device.lua"))
        os.symlink("/proc/self/mem", os.path.join(path, "memory.lua"))
        with open(os.path.join(path, "huge.lua"), "wb") as file:
            file.truncate(1 << 33)
        names = ["fifo", "folder", "link", "device", "memory", "huge"]
        got = rows(*[os.path.join(path, name + ".lua") for name in names], "/dev/zero",
                   "/dev/stdin", target, code=1, seconds=100)
        expect("cannot be read: it is a folder" in got[1]["checks"][0]["say"], "%s", got[1])
        for row in got[:-1]:
            expect(row["points"] == 0 and verdicts(row)[0] in ("error", "forbidden"), "%s", row)
        expect(got[-1]["passed"], "the file after them: %s", got[-1])


def test_unreadable_file():
    if os.getuid() != 0:
        return
    with folder() as path:
        secret = write(path, "secret.lua", RIGHT)
        os.chmod(secret, 0)
        got = rows(secret, user=NOBODY, code=1)
        expect(verdicts(got[0])[0] == "error" and "permission" in got[0]["checks"][0]["say"],
               "%s", got[0])


def test_an_error_has_the_line_of_the_submission():
    with folder() as path:
        got = rows(write(path, "meta.lua", "\nsetmetatable(_G, {})\n" + RIGHT), code=1)
        check = got[0]["checks"][0]
        expect((check["verdict"], check["line"]) == ("error", 2), "%s", got[0])


def test_odd_names():
    names = ["two words", "quo'te", 'dou"ble', "new\nline", "=cmd|' C calc'!A1", "$(touch x)",
             "-j", "häß<b>lich&", "per%scent", "semi;colon", "back\\slash", b"no\xffutf8"]
    with folder() as path:
        for name in names:
            full = os.path.join(os.fsencode(path), os.fsencode(name) + b".lua")
            with open(full, "w") as file:
                file.write(RIGHT)
        files = [os.path.join(os.fsencode(path), os.fsencode(name) + b".lua") for name in names]
        html = os.path.join(path, "pages")
        got = rows(*files, "--csv", os.path.join(path, "marks.csv"), "--html", html, "--junit",
                   os.path.join(path, "junit.xml"), code=0)
        for name, row in zip(names, got):
            if isinstance(name, str):
                expect(row["submission"] == name, "%r became %r", name, row["submission"])
        import csv
        import xml.etree.ElementTree as tree
        with open(os.path.join(path, "marks.csv"), newline="") as file:
            table = list(csv.reader(file))
        expect(len(table) == len(names) + 1, "%d rows in the table", len(table))
        expect(all(len(row) == len(table[0]) for row in table), "rows of different lengths")
        for row in table[1:]:
            expect(row[0][0] not in "=+-@\t\r", "a formula in the table: %r", row[0])
        suites = tree.parse(os.path.join(path, "junit.xml")).getroot()
        expect(len(suites) == len(names), "%d suites", len(suites))
        pages = os.listdir(html)
        expect(len(pages) == len(names) + 1 and "index.html" in pages, "pages: %s", pages)
        for page in pages:
            with open(os.path.join(html, page)) as file:
                text = file.read()
            expect("<b>" not in text, "%s: a name is markup", page)


def children_of(pid):
    with open("/proc/%d/task/%d/children" % (pid, pid)) as file:
        return [int(word) for word in file.read().split()]


def test_dead_parent_takes_the_child_along():
    with folder() as path:
        endless = write(path, "endless.lua", ATTEMPTS["endless"][0])
        process = subprocess.Popen(grading.command("momentum", endless, "--seconds", "60"),
                                   stdout=subprocess.DEVNULL, env=grading.environment())
        deadline = time.monotonic() + 60
        while not grading.processes() and time.monotonic() < deadline:
            time.sleep(0.01)
        expect(grading.processes(), "no isolated process was started")
        time.sleep(0.3)
        process.kill()
        process.wait()
        while grading.processes() and time.monotonic() < deadline:
            time.sleep(0.01)
        grading.clean()


def test_interrupt_ends_all():
    with folder() as path:
        right = write(path, "right.lua", RIGHT)
        endless = [write(path, "endless%d.lua" % i, ATTEMPTS["endless"][0]) for i in range(4)]
        json_file = os.path.join(path, "out.json")
        process = subprocess.Popen(
            grading.command("momentum", right, *endless, "--seconds", "60", "--json", json_file,
                            "-j", "2"),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=grading.environment())
        deadline = time.monotonic() + 60
        while len(grading.processes()) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
        expect(process.returncode == 130, "exit code %s: %s", process.returncode, errors)
        expect(b"1 of 5" in errors, "%s", errors)
        with open(json_file) as file:
            expect(len(file.read().splitlines()) == 1, "what was graded is not reported")
        grading.clean()


def frame(data):
    return len(data).to_bytes(4, "little") + data


def started(*more):
    """The isolated process itself, as the grader starts it, waiting for a question."""
    process = subprocess.Popen(
        [grading.program, "--isolated", str(os.getpid()), str(64 << 20), "10", "filter", "linear",
         *more], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env=grading.environment())
    size = int.from_bytes(process.stdout.read(4), "little")
    expect(b"ready" in process.stdout.read(size), "the process is not ready")
    return process


def test_what_the_process_holds():
    process = started()
    try:
        folder_ = "/proc/%d/" % process.pid
        with open(folder_ + "status") as file:
            status = file.read()
        for line in ("Seccomp:\t2", "NoNewPrivs:\t1", "Threads:\t1"):
            expect(line in status, "%s is missing in: %s", line, status)
        with open(folder_ + "limits") as file:
            limits = {line[:25].strip(): line[25:46].strip() for line in file}
        for name in ("Max file size", "Max core file size", "Max processes"):
            expect(limits[name] == "0", "%s: %s", name, limits[name])
        expect(sorted(os.listdir(folder_ + "fd")) == ["0", "1", "2"], "descriptors: %s",
               os.listdir(folder_ + "fd"))
        # The memory holds neither the solution nor the known mistakes.
        secrets = [b"alpha-in-m", b"weights exchanged", b"format = 1, id = \"momentum\""]
        seen = 0
        with open(folder_ + "maps") as maps, open(folder_ + "mem", "rb", 0) as memory:
            for line in maps:
                first, last = (int(word, 16) for word in line.split()[0].split("-"))
                if line.split()[1][0] != "r" or "[v" in line:
                    continue
                memory.seek(first)
                bytes_ = memory.read(last - first)
                seen += len(bytes_)
                for secret in secrets:
                    expect(secret not in bytes_, "%s is in the memory: %s", secret, line)
        expect(seen > 1 << 20, "the memory could not be read")
        with open(grading.program, "rb") as file:
            program = file.read()
        expect(any(secret in program for secret in secrets), "the secrets are not in the program")
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


def test_its_end_of_input_ends_it():
    process = started()
    process.stdin.close()
    expect(process.wait(timeout=10) == 0, "exit code %s", process.returncode)
    process.stdout.close()


def test_started_by_hand():
    done = subprocess.run([grading.program, "--isolated"], capture_output=True,
                          env=grading.environment())
    expect(done.returncode == 2 and b"starts itself" in done.stderr, "%s", done)
