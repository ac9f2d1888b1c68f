# SPDX-License-Identifier: GPL-3.0-or-later
"""run.py PROGRAM [NAME...]: runs the functions test_* of the files test_*.py beside it (those
whose name contains a NAME), prints what fails and what this machine cannot run, and ends with 'N
passed, N failed'."""

import importlib
import os
import signal
import sys
import time
import traceback

folder = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, folder)
sys.dont_write_bytecode = True

import session  # noqa: E402


def tests(wanted):
    for name in sorted(os.listdir(folder)):
        if name.startswith("test_") and name.endswith(".py"):
            module = importlib.import_module(name[:-3])
            for key, value in list(vars(module).items()):
                full = name[5:-3] + "." + key[5:]
                if key.startswith("test_") and callable(value) and (
                        not wanted or any(part in full for part in wanted)):
                    yield full, value


def main():
    if len(sys.argv) < 2:
        sys.exit("usage: run.py PROGRAM [NAME...]")
    session.program = os.path.abspath(sys.argv[1])
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # nohup's children would not be hung up
    passed = failed = skipped = 0
    for name, test in tests(sys.argv[2:]):
        started = time.monotonic()
        try:
            test()
            passed += 1
        except session.Skipped as reason:
            skipped += 1
            print("skipped: %s (%s)" % (name, reason), flush=True)
        except Exception:  # a failed expectation, a hang, a program that ended
            failed += 1
            print("FAILED %s (%.1f s)" % (name, time.monotonic() - started))
            trace = traceback.format_exc(limit=-3).rstrip()
            print("    " + trace.replace("\n", "\n    "), flush=True)
    if skipped:
        print("%d skipped" % skipped)
    print("%d passed, %d failed" % (passed, failed))
    sys.exit(1 if failed else 0)


main()
