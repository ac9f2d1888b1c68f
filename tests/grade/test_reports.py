# SPDX-License-Identifier: GPL-3.0-or-later
"""The reports, and that they are the same however the work is spread."""

import csv
import io
import json
import os
import shutil
import subprocess
import xml.etree.ElementTree as tree

import grading
from grading import expect, folder, grade, rows, verdicts, write

CLASS = ["right", "blank", "mistake-no-weight", "mistake-swapped", "mistake-no-weight",
         "mistake-old-m", "right"]


def hand_in(path, names=None):
    return [write(path, "%02d.lua" % i, grading.submissions[name])
            for i, name in enumerate(names or CLASS)]


def test_each_known_mistake_is_named():
    with folder() as path:
        names = sorted(grading.submissions)
        got = rows(*[write(path, name + ".lua", grading.submissions[name]) for name in names],
                   code=1)
        for name, row in zip(names, got):
            if name == "right":
                expect(row["passed"] and row["points"] == row["maximum"], "%s", row)
                continue
            expect(not row["passed"] and row["points"] < row["maximum"], "%s", row)
            if name.startswith("mistake-"):
                named = [check.get("mistake") for check in row["checks"]]
                expect(name[8:] in named, "%s: %s", name, named)
                expect(all("say" in check for check in row["checks"]
                           if check["verdict"] != "pass"), "%s", row)


def test_every_exercise_is_solved_in_isolation():
    """What a solution uses is there, and what only reports are made of is none."""
    with folder() as path:
        script = write(path, "make.lua", """
            local load = require "descent.exercise.load"
            for _, exercise in ipairs(load.all()) do
                for name, text in pairs { right = exercise.solution, blank = exercise.starter } do
                    local path = ("%s/%s-%s.lua"):format(arg[1], exercise.id, name)
                    local file = assert(io.open(path, "wb"))
                    file:write(text)
                    file:close()
                end
                print(exercise.id)
            end""")
        names = subprocess.run([grading.program, script, path], check=True, text=True,
                               capture_output=True, env=grading.environment()).stdout.split()
        expect(len(names) >= 12, "%s", names)
        for name in names:
            text = grade(name, *[os.path.join(path, "%s-%s.lua" % (name, kind))
                                 for kind in ("right", "blank")], "--json", "-", "--no-times",
                         code=1)
            right, blank = (json.loads(line) for line in text.splitlines())
            expect(right["passed"], "%s: %s", name, right["checks"])
            expect(blank["points"] == 0, "%s: the blank gets points: %s", name, blank["checks"])
            expect({check["mistake_title"] for check in blank["checks"]} ==
                   {"the starter, unchanged"}, "%s: %s", name, blank["checks"])


def test_same_bytes():
    with folder() as path:
        files = hand_in(path)
        forms = ["--json", "--csv", "--junit"]
        once = [grade("momentum", *files, "--no-times", form, "-", "-j", "1") for form in forms]
        again = [grade("momentum", *files, "--no-times", form, "-", "-j", "3") for form in forms]
        expect(once == again, "the reports differ")
        one = [grade("momentum", file, "--no-times", "--json", "-") for file in files]
        expect(b"".join(one) == once[0], "one by one the report differs")


def test_two_workers():
    """As GNU parallel or a job array would: each file apart, two at a time, joined afterwards."""
    with folder() as path:
        files = hand_in(path)
        whole = grade("momentum", *files, "--no-times", "--json", "-")
        tail = ["--no-times", "--json"]
        if shutil.which("parallel"):
            words = ["parallel", "-k", "-j2", grading.program, "grade", "momentum", "{}", *tail,
                     "-", ":::", *files]
            text = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                  env=grading.environment(HOME=path)).stdout
        else:
            script = 'exec "$0" grade momentum "$1" --no-times --json "$1.json"'
            subprocess.run(["xargs", "-0", "-n1", "-P2", "sh", "-c", script + " >/dev/null",
                            grading.program], input="\0".join(files).encode(),
                           env=grading.environment())
            text = b""
            for file in files:
                with open(file + ".json", "rb") as part:
                    text += part.read()
        expect(text == whole, "apart: %s\ntogether: %s", text, whole)
        joined = write(path, "all.json", text)
        table = grade("momentum", "--from", joined, "--csv", "-", code=1)
        expect(table == grade("momentum", *files, "--no-times", "--csv", "-"),
               "the table made of the parts differs")


def test_times_are_one_field():
    with folder() as path:
        files = hand_in(path, ["right"])
        timed = json.loads(grade("momentum", *files, "--json", "-"))
        plain = json.loads(grade("momentum", *files, "--json", "-", "--no-times"))
        seconds = timed.pop("seconds")
        expect(timed == plain and 0 <= seconds < 5, "%s %s", timed, plain)


def test_table_and_class():
    with folder() as path:
        text = grade("momentum", *hand_in(path), code=1).decode()
        lines = text.splitlines()
        expect(lines[0].startswith("00") and "pass" in lines[0], "%s", text)
        expect("2 of 7 submissions pass" in text, "%s", text)
        expect("2 of 7: weight 1 − β missing" in text, "%s", text)


def test_one_submission_is_told_in_full():
    with folder() as path:
        text = grade("momentum", *hand_in(path, ["mistake-no-weight"]), code=1).decode()
        expect("1 − β" in text and "call" in text and "right" in text, "%s", text)


def test_csv():
    with folder() as path:
        text = grade("momentum", *hand_in(path), "--csv", "-", "--no-times").decode()
        table = list(csv.reader(io.StringIO(text)))
        expect(table[0][:5] == ["submission", "file", "points", "maximum", "passed"], "%s",
               table[0])
        expect([row[4] for row in table[1:]] == ["yes", "no", "no", "no", "no", "no", "yes"],
               "%s", table)
        expect("\r\n" in text, "lines end otherwise than RFC 4180 says")


def test_junit():
    with folder() as path:
        root = tree.fromstring(grade("momentum", *hand_in(path), "--junit", "-"))
        cases = root.findall("./testsuite/testcase")
        failures = root.findall("./testsuite/testcase/failure")
        expect(len(root) == 7 and int(root.get("tests")) == len(cases), "%s", root.attrib)
        expect(int(root.get("failures")) == len(failures) > 4, "%s", root.attrib)


def test_tap():
    with folder() as path:
        lines = grade("momentum", *hand_in(path), "--tap", code=1).decode().splitlines()
        expect(lines[0] == "TAP version 13", "%s", lines[0])
        results = [line for line in lines if line.startswith(("ok ", "not ok "))]
        expect(lines[1] == "1..%d" % len(results), "%s for %d results", lines[1], len(results))
        for i, line in enumerate(results):
            expect(line.split(" - ")[0].split()[-1] == str(i + 1), "%s", line)


def test_the_table_of_the_readme():
    readme = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "README.md")
    with open(readme, encoding="utf-8") as file:
        shown = file.read().partition("$ descent grade momentum submissions/*.lua\n")[2]
    shown = shown.partition("```")[0]
    made = {"anna": grading.submissions["right"], "carl": grading.submissions["mistake-no-beta"],
            "dora": "function step(phi, m, g, alpha, beta)\n    while true do end\nend\n",
            "felix": 'os.execute("rm -r ~")\n'}
    made["bela"] = made["eva"] = grading.submissions["mistake-no-weight"]
    with folder() as path:
        files = [write(path, name + ".lua", made[name]) for name in sorted(made)]
        text = grade("momentum", *files, "--seconds", "0.3", code=1).decode()
        expect(text == shown, "printed: %s\nshown: %s", text, shown)


def test_without_isolation_where_one_says_so():
    """The limits hold; only the lock is missing."""
    with folder() as path:
        files = hand_in(path, ["right", "mistake-swapped"])
        files.append(write(path, "endless.lua", "while true do end"))
        got = rows(*files, "--unsafe", "--seconds", "0.3", code=1)
        expect([row["passed"] for row in got] == [True, False, False], "%s", got)
        expect(verdicts(got[2])[0] == "time", "%s", got[2])


def test_regrade_shows_whose_mark_changes():
    with folder() as path:
        files = hand_in(path)
        before = os.path.join(path, "before.json")
        grade("momentum", *files, "--json", before, "--no-times")
        write(path, "01.lua", grading.submissions["right"])
        text = grade("momentum", *files[:-1], "--diff", before, code=1).decode()
        expect("01: 0 of 8 -> 8 of 8" in text, "%s", text)
        expect("06: not graded this time" in text, "%s", text)
        expect("5 unchanged" in text, "%s", text)


def test_seeds_belong_to_submissions():
    """The inputs of one submission do not depend on the others, those of two differ."""
    with folder() as path:
        text = grading.submissions["blank"]
        os.mkdir(os.path.join(path, "anna"))
        files = [write(path, "anna/momentum.lua", text), write(path, "bert.lua", text)]
        got = rows(*files)
        expect([row["submission"] for row in got] == ["anna", "bert"], "%s", got)
        expect(rows(files[1]) == got[1:], "it depends on the others")


def test_wrong_calls():
    with folder() as path:
        right = write(path, "right.lua", grading.submissions["right"])
        for words in (["nothing", right], ["momentum"], ["momentum", right, "--sconds", "3"],
                      ["momentum", path + "/none.lua"], ["momentum", right, "--seconds", "x"],
                      ["momentum", right, "--memory", "1"], ["momentum", right, "-j", "0"],
                      ["momentum", right, "--json", path + "/no/such.json"],
                      ["momentum", "--from", right], ["momentum", right, "--diff", right],
                      ["momentum", right, "--json"], []):
            done = subprocess.run(grading.command(*words), capture_output=True,
                                  env=grading.environment())
            expect(done.returncode == 2, "%s: exit code %s", words, done.returncode)
            lines = done.stderr.decode().splitlines()
            expect(len(lines) == 1 and lines[0].startswith("descent grade: "), "%s: %s", words,
                   lines)
        grade("momentum", right, code=0)
        grade("--help", code=0)


def test_a_broken_exercise():
    with folder() as path:
        broken = write(path, "broken.lua", "return exercise { format = 1")
        right = write(path, "right.lua", grading.submissions["right"])
        done = subprocess.run(grading.command(broken, right), capture_output=True,
                              env=grading.environment())
        expect(done.returncode == 2, "exit code %s: %s", done.returncode, done.stderr)


def test_partial_credit():
    with folder() as path:
        row = rows(*hand_in(path, ["mistake-no-beta"]), code=1)[0]
        expect(0 < row["points"] < row["maximum"], "%s", row)
        expect(row["points"] == sum(check["points"] for check in row["checks"]), "%s", row)
        expect("pass" in verdicts(row) and "fail" in verdicts(row), "%s", verdicts(row))


def test_a_class():
    """A class of right, wrong, broken and hostile ones: every verdict right."""
    from test_escape import ATTEMPTS
    with folder() as path:
        files, wanted = [], []
        for i in range(4):
            for name, text in sorted(grading.submissions.items()):
                files.append(write(path, "%s_%d.lua" % (name, i), text))
                wanted.append({"pass"} if name == "right" else None)
        for name in ("execute", "endless", "huge-string", "flood", "syntax", "nan"):
            files.append(write(path, name + ".lua", ATTEMPTS[name][0]))
            wanted.append(ATTEMPTS[name][1])
        got = rows(*files, "--seconds", "0.3", "-j", "2")
        expect(len(got) == len(files), "%d rows for %d files", len(got), len(files))
        for row, right in zip(got, wanted):
            expect(row["passed"] == (right == {"pass"}), "%s", row)
            expect(right is None or verdicts(row)[0] in right, "%s", row)
