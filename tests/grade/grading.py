# SPDX-License-Identifier: GPL-3.0-or-later
"""grading.py: submissions on disk, and `descent grade` on them. What a grading leaves behind,
processes or files, is an error of the test that started it."""

import contextlib
import json
import os
import shutil
import subprocess
import tempfile

NOBODY = 65534

program = None
place = None  # a folder that every user can read
submissions = {}

class Wrong(Exception):
    pass

class Skipped(Exception):
    """What this machine cannot run, and why."""

def expect(condition, text, *details):
    if not condition:
        raise Wrong(text % details if details else text)

def environment(**more):
    result = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8",
              "TMPDIR": os.path.join(place, "temporary"), "TERM": "dumb",
              "HOME": os.path.join(place, "home")}
    for name in ("DESCENT_PATH", "LD_LIBRARY_PATH", "ASAN_OPTIONS"):
        if name in os.environ:
            result[name] = os.environ[name]
    result.update(more)
    return result

@contextlib.contextmanager
def prepared(path):
    """Copies the program to where every user can run it, and makes the submissions."""
    global program, place
    place = tempfile.mkdtemp(prefix="descent-grade-")
    try:
        os.chmod(place, 0o755)
        for name in ("temporary", "home", "made"):
            os.mkdir(os.path.join(place, name))
            os.chmod(os.path.join(place, name), 0o777)
        program = os.path.join(place, "descent")
        shutil.copy(path, program)
        os.chmod(program, 0o755)
        make_submissions()
        yield
    finally:
        shutil.rmtree(place, ignore_errors=True)

MAKE = """
local load, trial = require "descent.exercise.load", require "descent.lesson.trial"
local exercise = assert(load.named "momentum")
local function put(name, text)
    local file = assert(io.open(arg[1] .. "/" .. name .. ".lua", "wb"))
    file:write(text)
    file:close()
end
put("right", exercise.solution)
put("blank", exercise.starter)
for _, mistake in ipairs(exercise.mistakes) do
    put("mistake-" .. mistake.id, assert(trial.mistaken(exercise, mistake)))
end
"""

def make_submissions():
    script = os.path.join(place, "make.lua")
    with open(script, "w") as file:
        file.write(MAKE)
    subprocess.run([program, script, os.path.join(place, "made")], check=True, env=environment())
    for name in os.listdir(os.path.join(place, "made")):
        with open(os.path.join(place, "made", name)) as file:
            submissions[name[:-4]] = file.read()

@contextlib.contextmanager
def folder():
    path = tempfile.mkdtemp(prefix="subs-", dir=place)
    os.chmod(path, 0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)

def write(path, name, text):
    full = os.path.join(path, name)
    with open(full, "wb") as file:
        file.write(text if isinstance(text, bytes) else text.encode())
    os.chmod(full, 0o644)
    return full

def command(*arguments, user=None):
    words = [program, "grade", *arguments]
    if user is not None:
        words = ["setpriv", "--reuid", str(user), "--regid", str(user), "--clear-groups"] + words
    return words

def processes():
    """The isolated processes of this test's program."""
    found = []
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open("/proc/%s/cmdline" % name, "rb") as file:
                words = file.read().split(b"\0")
            if b"--isolated" in words and os.readlink("/proc/%s/exe" % name).startswith(program):
                found.append(int(name))
        except OSError:
            continue
    return found

def clean():
    left = processes()
    expect(not left, "processes are left: %s", left)
    files = os.listdir(os.path.join(place, "temporary")) + os.listdir(os.path.join(place, "home"))
    expect(not files, "files are left: %s", files)

def grade(*arguments, user=None, code=None, seconds=300, **more):
    """What `descent grade ARGUMENTS` prints."""
    done = subprocess.run(command(*arguments, user=user), stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(**more),
                          timeout=seconds, cwd=place)
    text = done.stderr.decode(errors="replace")
    expect(code is None or done.returncode == code, "exit code %s, not %s: %s%s", done.returncode,
           code, text, done.stdout.decode(errors="replace")[:2000])
    clean()
    return done.stdout

def rows(*arguments, **options):
    """The rows of the JSON report, in order."""
    text = grade("momentum", *arguments, "--json", "-", "--no-times", **options)
    return [json.loads(line) for line in text.decode().splitlines()]

def verdicts(row):
    return [check["verdict"] for check in row["checks"]]
