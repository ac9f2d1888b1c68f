# SPDX-License-Identifier: GPL-3.0-or-later
"""export.py FOLDER numpy|torch: runs the exported programs in FOLDER (one process for all, as
PyTorch takes long to load) and compares what they print with the losses beside them."""
import contextlib
import glob
import io
import os
import runpy
import sys
import warnings

folder, target = sys.argv[1:]
warnings.simplefilter("error")
differ = count = 0
worst = 0.0
for path in sorted(glob.glob(os.path.join(folder, "*_%s.py" % target))):
    with open(path[:-2] + "txt") as file:
        name, *expected = file.read().splitlines()
    expected = [float(text) for text in expected]
    count += 1
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            runpy.run_path(path, run_name="__main__")
        got = [float(text) for text in printed.getvalue().split()]
    except Exception as problem:  # whatever a program may do
        differ += 1
        print("%s (%s): %s: %s" % (name, path, type(problem).__name__, problem))
        continue
    if len(got) != len(expected):
        differ += 1
        print("%s (%s): %d losses, not %d" % (name, path, len(got), len(expected)))
        continue
    for t, (a, b) in enumerate(zip(got, expected)):
        error = abs(a - b)/max(1, abs(b))
        worst = max(worst, error)
        if not error <= 1e-9:
            differ += 1
            print("%s (%s): at t = %d %r, not %r" % (name, path, t, a, b))
            break
print("%d programs, %d differ; the largest difference is %.1e" % (count, differ, worst))
sys.exit(differ > 0 or count == 0)
